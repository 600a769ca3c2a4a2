// Drives a simulated Adyen with Adyen's own client. One word tells what to do:
//   pay     carries out a list of calls and prints what each was answered with, one line of JSON each
//   check   reads notifications from standard input, one a line, and prints whether Adyen's validator takes each item
//   sign    prints one notification with a signature of Adyen's for every item read from standard input
"use strict";
const { Client, CheckoutAPI, EnvironmentEnum, HttpURLConnectionClient, hmacValidator } = require("@adyen/api-library");
const fs = require("node:fs");

const { BASE, API_KEY, ACCOUNT, HMAC_KEY } = process.env;

// Here sends what the client would send to Adyen's test platform to the simulator; the version in the path stays.
class Here extends HttpURLConnectionClient {
  request(endpoint, ...rest) {
    const url = new URL(endpoint);
    return super.request(BASE + url.pathname + url.search, ...rest);
  }
}

function api() {
  return new CheckoutAPI(new Client({ apiKey: API_KEY, environment: EnvironmentEnum.TEST }, new Here()));
}

const eur = (value) => ({ value, currency: "EUR" });

function payment(reference, number, more = {}) {
  return {
    merchantAccount: ACCOUNT, reference, amount: eur(1000), returnUrl: "https://shop.example/back?order=7",
    channel: "Web", origin: "https://shop.example", shopperInteraction: "Ecommerce",
    additionalData: { manualCapture: "true" },
    paymentMethod: { type: "scheme", number, expiryMonth: "03", expiryYear: "2030", cvc: "737", holderName: "Jean Dupont" },
    ...more,
  };
}

// browse is a buyer who answers the page an action leads to, and gives the query of the address it leads back to.
async function browse(action, form) {
  const url = new URL(action.url);
  const body = new URLSearchParams({ ...Object.fromEntries(url.searchParams), ...form });
  const answer = await fetch(url.origin + url.pathname, { method: "POST", body, redirect: "manual" });
  return new URL(answer.headers.get("location")).searchParams;
}

function say(name, answer) {
  process.stdout.write(JSON.stringify({ name, answer }) + "\n");
  return answer;
}

// refused expects a call to be answered with an error that Adyen's client understands.
async function refused(name, call) {
  try {
    say(name, await call());
  } catch (e) {
    say(name, { statusCode: e.statusCode, errorCode: e.errorCode, type: e.constructor.name });
  }
}

async function cards({ PaymentsApi }) {
  const first = say("payment", await PaymentsApi.payments(payment("node-1", "4111111111111111"), { idempotencyKey: "node-1" }));
  const again = await PaymentsApi.payments(payment("node-1", "4111111111111111"), { idempotencyKey: "node-1" });
  say("same key", { same: again.pspReference === first.pspReference });
  say("refusal", await PaymentsApi.payments(payment("node-2", "4111111111111111",
    { paymentMethod: { ...payment("", "4111111111111111").paymentMethod, holderName: "NOT_ENOUGH_BALANCE" } })));
  await refused("invalid number", () => PaymentsApi.payments(payment("node-3", "4111111111111112")));

  const authenticationData = { attemptAuthentication: "always" };
  const redirect = say("redirect", await PaymentsApi.payments(payment("node-4", "4917610000000000", { authenticationData })));
  const back = await browse(redirect.action, { choice: "pay", code: "1234" });
  say("redirect details", await PaymentsApi.paymentsDetails({ details: { redirectResult: back.get("redirectResult") } }));
  await refused("details twice", () => PaymentsApi.paymentsDetails({ details: { redirectResult: back.get("redirectResult") } }));

  authenticationData.threeDSRequestData = { nativeThreeDS: "preferred" };
  const browserInfo = { acceptHeader: "*/*", colorDepth: 24, javaEnabled: false, language: "fr-FR", screenHeight: 1080,
    screenWidth: 1920, timeZoneOffset: -60, userAgent: "Mozilla/5.0" };
  const identify = say("fingerprint", await PaymentsApi.payments(payment("node-5", "4917610000000000", { authenticationData, browserInfo })));
  const base64 = (o) => Buffer.from(JSON.stringify(o)).toString("base64");
  const challenge = say("challenge", await PaymentsApi.paymentsDetails({ paymentData: identify.action.paymentData,
    details: { threeds2_fingerprint: base64({ threeDSCompInd: "Y" }) } }));
  const { authorisationToken } = challenge.action;
  say("challenge details", await PaymentsApi.paymentsDetails({ details: { threeDSResult: base64({ transStatus: "Y", authorisationToken }) } }));
  return first;
}

async function others({ PaymentsApi, ModificationsApi }) {
  for (const type of ["paypal", "alma"]) {
    const begun = say(type, await PaymentsApi.payments(payment(`node-${type}`, "", { paymentMethod: { type } })));
    const back = await browse(begun.action, { choice: "pay" });
    const done = say(`${type} details`, await PaymentsApi.paymentsDetails({ details: { redirectResult: back.get("redirectResult") } }));
    say(`${type} refund`, await ModificationsApi.refundCapturedPayment(done.pspReference, { merchantAccount: ACCOUNT, amount: eur(1000), reference: `${type}-refund` }));
  }
}

async function modifications({ PaymentsApi, ModificationsApi }, first) {
  const body = (value, reference) => ({ merchantAccount: ACCOUNT, amount: eur(value), reference });
  const psp = first.pspReference;
  say("capture", await ModificationsApi.captureAuthorisedPayment(psp, body(600, "capture-1"), { idempotencyKey: "capture-1" }));
  say("capture again", await ModificationsApi.captureAuthorisedPayment(psp, body(400, "capture-2")));
  say("refund", await ModificationsApi.refundCapturedPayment(psp, body(250, "refund-1")));
  say("reversal", await ModificationsApi.refundOrCancelPayment(psp, { merchantAccount: ACCOUNT, reference: "reversal-1" }));
  await refused("capture of nothing", () => ModificationsApi.captureAuthorisedPayment("NOSUCHPAYMENT234", body(1, "capture-3")));

  const second = await PaymentsApi.payments(payment("node-6", "5555444433331111"));
  say("adjustment", await ModificationsApi.updateAuthorisedAmount(second.pspReference, body(1500, "adjust-1")));
  say("cancel", await ModificationsApi.cancelAuthorisedPaymentByPspReference(second.pspReference, { merchantAccount: ACCOUNT, reference: "cancel-1" }));
  await PaymentsApi.payments(payment("node-7", "5555444433331111"));
  say("cancel by reference", await ModificationsApi.cancelAuthorisedPayment({ merchantAccount: ACCOUNT, paymentReference: "node-7", reference: "cancel-2" }));
}

const validator = new hmacValidator();
const lines = () => fs.readFileSync(0, "utf8").split("\n").filter(Boolean).map((l) => JSON.parse(l));

async function main(mode) {
  switch (mode) {
    case "pay": {
      const checkout = api();
      const first = await cards(checkout);
      await others(checkout);
      await modifications(checkout, first);
      return;
    }
    case "check":
      for (const { notificationItems } of lines()) {
        for (const { NotificationRequestItem: item } of notificationItems) {
          say(item.eventCode, { accepted: validator.validateHMAC(item, HMAC_KEY) });
        }
      }
      return;
    case "sign": {
      const notificationItems = lines().map((item) => ({ NotificationRequestItem: {
        ...item, additionalData: { hmacSignature: validator.calculateHmac(item, HMAC_KEY) } } }));
      process.stdout.write(JSON.stringify({ live: "false", notificationItems }) + "\n");
      return;
    }
  }
  throw new Error(`${mode} is none of pay, check, sign`);
}

main(process.argv[2]).catch((e) => {
  console.error(e);
  process.exit(1);
});
