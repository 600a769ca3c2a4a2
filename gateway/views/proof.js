"use strict";
// Covers parts of a picture before it leaves the buyer's device, and shows how far its sending has come. The page does
// everything else, and all of it, without this file: every text stands in the page's own templates.
(() => {
  const longest = 2600; // pixels on the longer side of what is sent: a page of text stays readable, and the photo is light
  const tooLarge = 10 << 20; // bytes
  const least = 0.02; // of the picture's side: a smaller cover cannot be taken hold of
  const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
  const within = (v, low, high) => Math.min(Math.max(v, low), high);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

  // A Cover is a black rectangle over the picture, in fractions of its sides.
  class Cover {
    constructor(sheet, x, y, w, h) {
      this.sheet = sheet;
      this.element = copy("cover");
      this.element.cover = this;
      this.set(x, y, w, h);
    }

    set(x, y, w, h) {
      this.w = within(w, least, 1);
      this.h = within(h, least, 1);
      this.x = within(x, 0, 1 - this.w);
      this.y = within(y, 0, 1 - this.h);
      Object.assign(this.element.style, { left: `${this.x * 100}%`, top: `${this.y * 100}%`, width: `${this.w * 100}%`, height: `${this.h * 100}%` });
    }

    name(number) {
      const share = (v) => Math.round(v * 100);
      this.element.setAttribute("aria-label", fill(this.sheet.panel.dataset.cover,
        { n: number, x: share(this.x), y: share(this.y), w: share(this.w), h: share(this.h) }));
    }
  }

  // A Sheet is the picture with its covers and the buttons that work on them.
  class Sheet {
    constructor(panel, picture, type) {
      Object.assign(this, { panel, picture, type, covers: [], chosen: null });
      this.area = part(panel, "area");
      this.draw(part(panel, "picture"), Math.min(1, 1200 / Math.max(picture.width, picture.height)));
      this.area.style.maxWidth = `min(100%, ${Math.round(65 * picture.width / picture.height)}vh)`;
      this.area.addEventListener("pointerdown", (e) => this.press(e));
      this.area.addEventListener("click", (e) => this.touch(e));
      this.area.addEventListener("keydown", (e) => this.key(e));
      this.area.addEventListener("focusin", (e) => e.target.cover && this.choose(e.target.cover));
      panel.addEventListener("click", (e) => e.target.closest("[data-do]") && this.act(e.target.closest("[data-do]").dataset.do));
      this.choose(null);
    }

    draw(canvas, scale) {
      canvas.width = Math.max(1, Math.round(this.picture.width * scale));
      canvas.height = Math.max(1, Math.round(this.picture.height * scale));
      const ink = canvas.getContext("2d");
      ink.fillStyle = "#fff"; // under a transparent picture
      ink.fillRect(0, 0, canvas.width, canvas.height);
      ink.drawImage(this.picture, 0, 0, canvas.width, canvas.height);
      return ink;
    }

    // blob is the picture as it is sent: covered in its pixels, and nothing in it that lies underneath.
    blob() {
      const canvas = document.createElement("canvas");
      const ink = this.draw(canvas, Math.min(1, longest / Math.max(this.picture.width, this.picture.height)));
      ink.fillStyle = "#000";
      for (const c of this.covers) {
        const left = Math.floor(c.x * canvas.width), top = Math.floor(c.y * canvas.height);
        ink.fillRect(left, top, Math.ceil((c.x + c.w) * canvas.width) - left, Math.ceil((c.y + c.h) * canvas.height) - top);
      }
      return new Promise((done) => canvas.toBlob(done, this.type, 0.9));
    }

    add(x, y, w, h) {
      const cover = new Cover(this, x, y, w, h);
      this.covers.push(cover);
      this.area.append(cover.element);
      this.choose(cover);
      return cover;
    }

    choose(cover) {
      this.chosen = cover;
      this.covers.forEach((c, i) => {
        c.name(i + 1);
        c.element.classList.toggle("chosen", c === cover);
      });
      for (const b of this.panel.querySelectorAll("[data-do]")) b.disabled = b.dataset.do !== "add" && !cover;
    }

    say(text) { part(this.panel, "said").textContent = fill(text, { n: this.covers.indexOf(this.chosen) + 1 }); }

    remove() {
      if (!this.chosen) return;
      this.say(this.panel.dataset.removed);
      this.chosen.element.remove();
      this.covers = this.covers.filter((c) => c !== this.chosen);
      this.choose(this.covers.at(-1) ?? null);
      (this.chosen ? this.chosen.element : this.panel.querySelector('[data-do="add"]')).focus({ preventScroll: true });
    }

    act(what) {
      const step = 0.02, c = this.chosen;
      if (what === "add") {
        const n = this.covers.length % 8;
        this.add(0.3, 0.1 + n * 0.1, 0.4, 0.08).element.focus({ preventScroll: true });
        return this.say(this.panel.dataset.added);
      }
      if (what === "remove") return this.remove();
      const by = { left: [-step, 0, 0, 0], right: [step, 0, 0, 0], up: [0, -step, 0, 0], down: [0, step, 0, 0],
        wider: [0, 0, step, 0], narrower: [0, 0, -step, 0], taller: [0, 0, 0, step], flatter: [0, 0, 0, -step] }[what];
      if (!c || !by) return;
      c.set(c.x + by[0], c.y + by[1], c.w + by[2], c.h + by[3]);
      this.choose(c);
    }

    key(e) {
      if (!e.target.cover || e.ctrlKey || e.altKey || e.metaKey) return;
      const keys = e.shiftKey ? { ArrowLeft: "narrower", ArrowRight: "wider", ArrowUp: "flatter", ArrowDown: "taller" }
        : { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", Delete: "remove", Backspace: "remove" };
      if (!keys[e.key]) return;
      e.preventDefault();
      this.act(keys[e.key]);
    }

    // at is where on the picture a pointer is.
    at(e) {
      const r = this.area.getBoundingClientRect();
      return { x: (e.clientX - r.left) / r.width, y: (e.clientY - r.top) / r.height };
    }

    // press begins to move a cover, to size it by its corner, or, with a mouse or pen, to draw one. A finger beside the
    // covers scrolls the page as everywhere.
    press(e) {
      this.drew = false;
      const from = this.at(e), c = e.target.closest(".cover")?.cover;
      if (!c && (e.pointerType === "touch" || e.button !== 0)) return;
      const was = c && { x: c.x, y: c.y, w: c.w, h: c.h }, sizing = e.target.closest(".corner");
      let target = c;
      const move = (m) => {
        const to = this.at(m), dx = to.x - from.x, dy = to.y - from.y;
        if (Math.abs(dx) + Math.abs(dy) < 0.01 && !this.drew) return;
        this.drew = true;
        target ??= this.add(from.x, from.y, least, least);
        if (!was) target.set(Math.min(from.x, to.x), Math.min(from.y, to.y), Math.abs(dx), Math.abs(dy));
        else if (sizing) target.set(was.x, was.y, within(was.w + dx, least, 1 - was.x), within(was.h + dy, least, 1 - was.y));
        else target.set(was.x + dx, was.y + dy, was.w, was.h);
      };
      const end = () => {
        this.area.removeEventListener("pointermove", move);
        if (target) this.choose(target);
      };
      this.area.setPointerCapture(e.pointerId);
      this.area.addEventListener("pointermove", move);
      for (const over of ["pointerup", "pointercancel"]) this.area.addEventListener(over, end, { once: true });
    }

    // touch puts a cover where the picture is touched.
    touch(e) {
      if (this.drew || e.target.closest(".cover")) return;
      const { x, y } = this.at(e);
      this.add(x - 0.2, y - 0.04, 0.4, 0.08);
      this.say(this.panel.dataset.added);
    }
  }

  // choose shows what was chosen in a form: a picture under the covers, or the name of anything else.
  async function choose(form, input) {
    const place = part(form, "place"), file = input.files[0];
    for (const other of form.querySelectorAll('input[type="file"]')) if (other !== input) other.value = "";
    place.replaceChildren();
    form.sheet = null;
    if (!file) return;
    let picture = null;
    if (file.type.startsWith("image/")) {
      try { picture = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { /* the server says what is wrong with it */ }
    }
    if (input.files[0] !== file) return; // another one was chosen meanwhile
    const panel = copy(picture ? "mask" : "chosen");
    place.append(panel);
    if (picture) {
      form.sheet = new Sheet(panel, picture, file.type === "image/png" ? "image/png" : "image/jpeg");
      return;
    }
    part(panel, "name").textContent = file.name;
    part(panel, "large").hidden = file.size <= tooLarge;
  }

  // parcel is the form's content, with the covered picture in the file's place.
  async function parcel(form) {
    const body = new FormData(form);
    if (!form.sheet) return body;
    const blob = await form.sheet.blob();
    body.delete("file");
    body.append("file", blob, form.sheet.type === "image/png" ? "document.png" : "document.jpg");
    return body;
  }

  // show puts the answer's page in the place of this one.
  function show(request) {
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = page.querySelector("main");
    if (!main) return false;
    document.title = page.title;
    document.querySelector("main").replaceWith(document.adoptNode(main));
    if (request.status === 200) history.replaceState(null, "", request.responseURL);
    enhance();
    const first = document.querySelector('[role="alert"], [role="status"]') ?? document.querySelector("h1");
    first.tabIndex = -1;
    first.focus();
    return true;
  }

  // send sends the form and says how far it has come. What fails on the way leaves everything as it was.
  async function send(form) {
    if (form.sending) return;
    const bar = copy("sending"), place = part(form, "place"), button = form.querySelector('button[type="submit"]');
    place.querySelector(".sending, .sentence")?.remove();
    form.sending = true;
    button.disabled = true;
    const request = new XMLHttpRequest();
    const over = (sentence) => {
      form.sending = false;
      button.disabled = false;
      bar.remove();
      if (!sentence) return;
      const p = copy("failed");
      place.append(p);
      p.focus();
    };
    request.upload.onprogress = (e) => {
      const share = e.lengthComputable ? Math.round(100 * e.loaded / e.total) : 0;
      part(bar, "progress").value = share;
      part(bar, "share").textContent = (share / 100).toLocaleString(document.documentElement.lang, { style: "percent" });
    };
    request.onload = () => { if (!show(request)) over(true); };
    request.onerror = request.ontimeout = () => over(true);
    request.onabort = () => over(false);
    request.timeout = 150_000; // milliseconds; the server gives up after two minutes
    part(bar, "stop").onclick = () => request.abort();
    place.append(bar);
    bar.scrollIntoView({ block: "nearest" });
    try {
      const body = await parcel(form);
      request.open("POST", form.action);
      request.send(body);
    } catch {
      over(true);
    }
  }

  function enhance() {
    for (const form of document.querySelectorAll("form[data-upload]")) {
      for (const input of form.querySelectorAll('input[type="file"]')) input.addEventListener("change", () => choose(form, input));
      form.addEventListener("submit", (e) => {
        if (![...form.querySelectorAll('input[type="file"]')].some((i) => i.files.length)) return;
        e.preventDefault();
        send(form);
      });
    }
  }
  enhance();
})();
