"use strict";
// The two things a checkout's own page does for 3-D Secure 2: it tells what the browser is, and it carries out the
// fingerprint and the challenge in a frame (EMV 3-D Secure, browser flow).
(function () {
  function encode(object) {
    return btoa(JSON.stringify(object)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }
  function decode(text) {
    return JSON.parse(atob(text.replace(/-/g, "+").replace(/_/g, "/")));
  }
  function post(url, name, value) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = url;
    form.target = "issuer";
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
    document.body.append(form);
    form.submit();
    form.remove();
  }

  const browser = document.querySelector('input[name="browser"]');
  if (browser) {
    browser.value = JSON.stringify({
      language: navigator.language, color_depth: screen.colorDepth, screen_height: screen.height, screen_width: screen.width,
      time_zone_offset: new Date().getTimezoneOffset(), java_enabled: false, java_script_enabled: true,
    });
  }

  const redirect = document.getElementById("go");
  if (redirect) { redirect.submit(); }

  const native = document.getElementById("native");
  if (!native) { return; }
  const token = decode(native.dataset.token);
  let told = false;
  function finish(result) {
    if (told) { return; }
    told = true;
    document.getElementById("result").value = btoa(JSON.stringify(result));
    document.getElementById("details").submit();
  }
  const fingerprint = native.dataset.kind === "threeds2_fingerprint";
  const issuer = new URL(fingerprint ? (token.threeDSMethodURL || token.threeDSMethodUrl) : token.acsURL).origin;
  window.addEventListener("message", function (e) {
    if (e.origin !== issuer) { return; }
    let word;
    try { word = JSON.parse(e.data); } catch (ignored) { return; }
    if (fingerprint && word.type === "fingerPrintResult") { finish({ threeDSCompInd: "Y" }); }
    if (!fingerprint && word.type === "challengeResult") { finish({ transStatus: word.result && word.result.transStatus || "U" }); }
  });
  if (fingerprint) {
    // An issuer that does not answer within ten seconds has not completed (EMV 3-D Secure, 3DS Method handling).
    setTimeout(function () { finish({ threeDSCompInd: "N" }); }, 10000);
    post(token.threeDSMethodURL || token.threeDSMethodUrl, "threeDSMethodData", encode({
      threeDSServerTransID: token.threeDSServerTransID, threeDSMethodNotificationURL: token.threeDSMethodNotificationURL,
    }));
  } else {
    post(token.acsURL, "creq", encode({
      threeDSServerTransID: token.threeDSServerTransID, acsTransID: token.acsTransID, messageVersion: token.messageVersion,
      messageType: "CReq", challengeWindowSize: "05",
    }));
  }
})();
