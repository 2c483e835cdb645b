// Forms work without this script; it only helps. It counts characters, keeps a draft on the device, hides questions that are
// not asked, says what is wrong as one leaves a field, and stops a second click. It never refuses to send: the server decides.
(function () {
  "use strict";
  var KEEP = 3 * 24 * 3600 * 1000;

  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function find(root, selector) { return root.querySelector(selector); }
  function control(field) { return find(field, "input,textarea,select"); }
  function length(text) { return Array.from(text.normalize("NFKC").trim()).length; }
  function answers(form, name) {
    return Array.prototype.filter.call(form.elements, function (element) {
      return element.name === name && (element.checked || !/^(radio|checkbox)$/.test(element.type));
    }).map(function (element) { return element.value; });
  }

  // ---- The device's memory; absent in private windows ----

  function store(act) { try { return act(localStorage); } catch (error) { return null; } }
  function forget(prefix) {
    store(function (storage) {
      Object.keys(storage).forEach(function (key) { if (key.indexOf(prefix) === 0) storage.removeItem(key); });
    });
  }

  function keepDraft(form) {
    var key = "draft." + form.dataset.draft;
    var kept = store(function (storage) { return JSON.parse(storage.getItem(key)); });
    if (kept && Date.now() - kept.at > KEEP) { forget(key); kept = null; }
    if (kept && form.hasAttribute("data-fresh") && fill(form, kept.values)) offerToForget(form, key);

    form.addEventListener("input", function () {
      var values = {};
      each(form.elements, function (element) {
        if (element.name && element.type !== "hidden" && element.name !== "website" && !(element.name in values)) {
          values[element.name] = answers(form, element.name);
        }
      });
      store(function (storage) { storage.setItem(key, JSON.stringify({ at: Date.now(), values: values })); });
    });
  }

  function fill(form, values) {
    var filled = false;
    each(form.elements, function (element) {
      var kept = values[element.name];
      if (!kept || element.type === "hidden") return;
      if (/^(radio|checkbox)$/.test(element.type)) {
        element.checked = kept.indexOf(element.value) >= 0;
      } else if (kept[0] && !element.value) {
        element.value = kept[0];
        filled = true;
      }
    });
    return filled;
  }

  function offerToForget(form, key) {
    var note = document.createElement("p");
    note.className = "kept";
    note.setAttribute("role", "status");
    note.textContent = "已恢复您上次在这台设备上没写完的内容。";
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = "清空重填";
    button.addEventListener("click", function () {
      forget(key);
      form.reset();
      note.remove();
      form.dispatchEvent(new Event("change"));
    });
    note.appendChild(button);
    form.insertBefore(note, form.firstChild);
  }

  // ---- Questions that are asked only after some answers ----

  function followConditions(form) {
    var fields = form.querySelectorAll("[data-when]");
    function update() {
      each(fields, function (field) {
        var wanted = field.dataset.is.split(" ");
        field.hidden = !answers(form, field.dataset.when).some(function (value) { return wanted.indexOf(value) >= 0; });
        find(field, ".when").hidden = true;
      });
    }
    form.addEventListener("change", update);
    update();
  }

  // ---- Counting and checking ----

  function countCharacters(field) {
    var limit = find(field, ".limit");
    if (!limit) return;
    var words = limit.textContent, area = control(field), most = +field.dataset.max, least = +field.dataset.min || 0;
    function update() {
      var typed = length(area.value), over = typed > most;
      limit.classList.toggle("over", over);
      limit.textContent = !typed ? words
        : over ? "多了 " + (typed - most) + " 个字，最多 " + most + " 个字"
        : typed < least ? "已写 " + typed + " 个字，至少 " + least + " 个字"
        : "已写 " + typed + " 个字，还可以写 " + (most - typed) + " 个字";
    }
    area.addEventListener("input", update);
    area.form.addEventListener("change", update);
    update();
  }

  function wrong(field, text) {
    var says = field.dataset, typed = length(text);
    if (!typed) return says.empty;
    if (typed < +says.min) return says.short;
    if (says.max && typed > +says.max) return says.long;
    var number = text.normalize("NFKC").replace(/[\s-]/g, "").replace(/^(\+|00)86/, "");
    if (says.kind === "mobile" && !/^1[3-9]\d{9}$/.test(number)) return says.wrong;
  }

  function checkOnLeaving(field) {
    var box = control(field), touched = false;
    if (!box || /^(radio|checkbox)$/.test(box.type)) return;
    box.addEventListener("input", function () {
      touched = true;
      if (field.classList.contains("field-wrong") && !wrong(field, box.value)) show(field, box, "");
    });
    // Only what was typed is spoken to: nobody is scolded for passing through.
    box.addEventListener("blur", function () { if (touched) show(field, box, wrong(field, box.value) || ""); });
  }

  function show(field, box, message) {
    var id = box.id + "-error", line = document.getElementById(id);
    var described = (box.getAttribute("aria-describedby") || "").split(" ").filter(function (part) { return part && part !== id; });
    if (line) line.remove();
    field.classList.toggle("field-wrong", !!message);
    if (message) {
      line = document.createElement("p");
      line.className = "error";
      line.id = id;
      line.textContent = message;
      field.insertBefore(line, box);
      described.push(id);
      box.setAttribute("aria-invalid", "true");
    } else {
      box.removeAttribute("aria-invalid");
    }
    if (described.length) box.setAttribute("aria-describedby", described.join(" "));
    else box.removeAttribute("aria-describedby");
  }

  // ---- One click is enough ----

  function sendOnce(form) {
    var sent = 0, button = find(form, "button[type=submit]"), words = button.textContent;
    function mark(busy) {
      sent = busy ? Date.now() : 0;
      button.textContent = busy ? "正在提交…" : words;
      if (busy) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
    }
    form.addEventListener("submit", function (event) {
      // After ten seconds a second try is a second try: the network may have swallowed the first.
      if (sent && Date.now() - sent < 10000) event.preventDefault();
      else mark(true);
    });
    // Back from the next page, the browser shows this one as it was left.
    window.addEventListener("pageshow", function () { mark(false); });
  }

  each(document.querySelectorAll("form[data-draft]"), keepDraft);
  each(document.querySelectorAll("form.form"), followConditions);
  each(document.querySelectorAll(".form .field"), function (field) { countCharacters(field); checkOnLeaving(field); });
  each(document.querySelectorAll("form[data-once]"), sendOnce);
  each(document.querySelectorAll("[data-received]"), function (page) { forget("draft." + page.dataset.received + "."); });
  each(document.querySelectorAll("[data-print]"), function (line) {
    line.hidden = false;
    line.addEventListener("click", function () { window.print(); });
  });
})();
