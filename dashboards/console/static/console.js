// The console works without this file: it only lets hands stay on the keyboard. Single-key shortcuts are off while
// something is being typed, and can be turned off altogether (WCAG 2.2, success criterion 2.1.4).
(function () {
  "use strict";
  var help = document.getElementById("keys");
  var off = "octroi.keys.off";
  var pending = "";

  function enabled() {
    try { return localStorage.getItem(off) !== "1"; } catch (e) { return true; }
  }

  document.querySelectorAll("[data-help]").forEach(function (b) {
    b.hidden = false;
    b.addEventListener("click", function () { help.showModal(); });
  });
  document.querySelectorAll("[data-keys-on]").forEach(function (box) {
    box.checked = enabled();
    box.addEventListener("change", function () {
      try { localStorage.setItem(off, box.checked ? "0" : "1"); } catch (e) { /* kept for this page only */ }
    });
  });

  // A form is sent once: a second click on a slow line is not a second deed.
  document.addEventListener("submit", function (e) {
    if (e.target.method === "dialog" || "again" in e.target.dataset) { return; }
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (f) { delete f.dataset.sent; });
  });

  function typing(el) {
    return el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && el.type !== "checkbox");
  }

  function move(step) {
    var links = Array.prototype.slice.call(document.querySelectorAll("tr.go a"));
    if (!links.length) { return; }
    var at = links.indexOf(document.activeElement);
    var next = at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1);
    links[next].focus();
    links[next].scrollIntoView({ block: "nearest" });
  }

  // A key goes to the element that names it: fields and the buttons that decide money are only focused, never pressed.
  function go(key) {
    var el = document.querySelector('[data-key="' + key + '"]');
    if (!el || el.disabled) { return; }
    if (el.tagName === "SUMMARY") {
      el.parentElement.open = true;
      var field = el.parentElement.querySelector("select, textarea, input:not([type=hidden])");
      (field || el).focus();
      el.parentElement.scrollIntoView({ block: "nearest" });
    } else if (el.tagName === "TEXTAREA" || "weighs" in el.dataset) {
      el.focus();
      el.scrollIntoView({ block: "center" });
    } else {
      el.click();
    }
  }

  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || help && help.open) { return; }
    if (typing(document.activeElement)) {
      if (e.key === "Escape") { document.activeElement.blur(); }
      return;
    }
    if (!enabled()) { return; }
    var before = pending;
    pending = "";
    if (before === "g") {
      // Only where the page itself leads there: not everybody may see everything.
      var page = { q: "/", p: "/payments", l: "/lists", t: "/trials", o: "/office" }[e.key];
      if (page && document.querySelector('.top nav a[href="' + page + '"]')) { location.href = page; return; }
    }
    switch (e.key) {
      case "g": pending = "g"; break;
      case "/": e.preventDefault(); document.getElementById("q").focus(); break;
      case "?": help.showModal(); break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "o": if (document.activeElement.closest("tr.go")) { document.activeElement.click(); } break;
      case "n": case "c": case "d": case "v": case "b": case "f": case "s":
      case "a": case "x": case "p": case "m": case "e": case "u": e.preventDefault(); go(e.key); break;
    }
  });
})();
