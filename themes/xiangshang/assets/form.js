// Forms work without this script: it counts, keeps a draft, hides what is not asked, checks as one leaves a field, asks the
// questions of all steps on one page, and stops a second click. It never refuses to send: the server decides.
(() => {
  const KEEP = 3 * 864e5;
  const all = (selector, act) => document.querySelectorAll(selector).forEach(act);
  const chosen = (element) => element.checked || !/radio|checkbox/.test(element.type);
  const length = (text) => [...text.normalize("NFKC").trim()].length;
  const answers = (form, name) => [...form.elements].filter((e) => e.name === name && chosen(e)).map((e) => e.value);
  // Private windows have no memory.
  const store = (act) => { try { return act(localStorage); } catch (e) { return null; } };
  const forget = (prefix) => store((kept) => Object.keys(kept).forEach((key) => key.startsWith(prefix) && kept.removeItem(key)));

  const draftKey = (form) => "draft." + form.dataset.draft;
  const draftOf = (form) => store((storage) => JSON.parse(storage.getItem(draftKey(form))));

  function keepDraft(form) {
    const key = draftKey(form), kept = draftOf(form);
    if (!kept || Date.now() - kept.at > KEEP) forget(key);
    else if ("fresh" in form.dataset && fill(form, kept.values)) offerToForget(form, key);
    form.addEventListener("input", () => {
      const values = {};
      for (const { name, type } of form.elements) {
        if (name && type !== "hidden") values[name] = answers(form, name);
      }
      store((storage) => storage.setItem(key, JSON.stringify({ at: Date.now(), values })));
    });
  }

  function fill(form, values) {
    let filled = false;
    for (const box of form.elements) {
      const kept = values[box.name], more = box.closest("details");
      if (!kept) continue;
      if (/radio|checkbox/.test(box.type)) {
        box.checked = kept.includes(box.value);
      } else if (kept[0] && !box.value) {
        box.value = kept[0];
        filled = true;
        if (more) more.open = true;
      }
    }
    return filled;
  }

  function offerToForget(form, key) {
    const note = Object.assign(document.createElement("p"), { className: "kept" });
    note.innerHTML = "已恢复上次在这台设备上没写完的内容。<button type=button>清空重填</button>";
    note.lastChild.addEventListener("click", () => {
      forget(key);
      form.reset();
      note.remove();
      form.dispatchEvent(new Event("change"));
    });
    form.prepend(note);
  }

  function followConditions(form) {
    const update = () => form.querySelectorAll("[data-when]").forEach((field) => {
      const wanted = field.dataset.is.split(" ");
      field.hidden = field.apart || !answers(form, field.dataset.when).some((value) => wanted.includes(value));
      field.querySelector(".when").hidden = true;
    });
    form.addEventListener("change", update);
    update();
  }

  function countCharacters(limit) {
    const field = limit.closest(".field"), area = field.querySelector("textarea"), words = limit.textContent;
    const most = +field.dataset.max, least = +field.dataset.min || 0;
    const update = () => {
      const typed = length(area.value);
      limit.classList.toggle("over", typed > most);
      limit.textContent = !typed ? words
        : typed > most ? `多了 ${typed - most} 个字，最多 ${most} 个字`
        : typed < least ? `已写 ${typed} 个字，至少 ${least} 个字`
        : `已写 ${typed} 个字，还可以写 ${most - typed} 个字`;
    };
    area.addEventListener("input", update);
    area.form.addEventListener("change", update);
    update();
  }

  // The words are the server's; the last number in them is how much was typed.
  function wrong({ empty, length: words = "", min, max, kind, wrong: shape }, text) {
    const number = text.normalize("NFKC").replace(/[\s-]/g, "").replace(/^(\+|00)86/, "");
    const mobile = kind === "mobile", typed = mobile ? number.length : length(text);
    if (!typed) return empty;
    if (mobile && /\D/.test(number)) return shape;
    const fits = mobile ? typed === 11 : !(typed < min || typed > max);
    if (!fits) return words.replace(/\d+(?=\D*$)/, typed);
    return mobile && !/^1[3-9]/.test(number) ? shape : "";
  }

  // Nobody is scolded for passing through.
  function checkOnLeaving(field) {
    const box = field.querySelector("input,textarea,select");
    if (/radio|checkbox/.test(box.type)) return;
    let typed = false;
    box.addEventListener("input", () => {
      typed = true;
      if (box.hasAttribute("aria-invalid") && !wrong(field.dataset, box.value)) say(field, box, "");
    });
    box.addEventListener("blur", () => typed && say(field, box, wrong(field.dataset, box.value)));
  }

  function say(field, box, message) {
    const id = box.id + "-error", before = document.getElementById(id);
    const described = (box.getAttribute("aria-describedby") || "").split(" ").filter((part) => part && part !== id);
    if (before) before.remove();
    field.classList.toggle("field-wrong", !!message);
    if (message) {
      box.before(Object.assign(document.createElement("p"), { id, className: "error", textContent: message }));
      described.push(id);
    }
    const set = (name, value) => value ? box.setAttribute(name, value) : box.removeAttribute(name);
    set("aria-describedby", described.join(" "));
    set("aria-invalid", message && "true");
  }

  // The questions of further steps lie in the page: they are asked in turn and sent at once. What this page cannot tell is sent as far as it is typed.
  function askInTurn(form) {
    const rest = [...form.querySelectorAll("template[data-step]")], head = document.getElementById("questions");
    if (!rest.length || !rest[0].content || !head) return;
    const progress = head.parentNode.querySelector(".progress"), button = form.querySelector("[type=submit]"), title = document.title;
    const parts = [{ nodes: [...form.querySelectorAll(":scope > .field, :scope > .more")], hash: "", number: 1, heading: head.textContent, submit: button.textContent }];
    for (const part of rest) parts.push(Object.assign({ part, hash: "#" + part.dataset.step }, part.dataset));
    let now = 0;
    progress.id = "progress";
    head.setAttribute("aria-describedby", "progress");

    function show(next) {
      const { part, number, heading, submit } = parts[now = next];
      if (part && !parts[now].nodes) {
        parts[now].nodes = [...part.content.children];
        part.before(...parts[now].nodes);
        prepare(form);
        const kept = draftOf(form);
        if (kept) fill(form, kept.values);
      }
      for (const other of parts) for (const node of other.nodes || []) node.hidden = node.apart = other !== parts[now];
      form.dispatchEvent(new Event("change"));
      head.textContent = heading;
      progress.lastElementChild.textContent = progress.textContent.replace(/\d+/, number);
      button.textContent = submit;
      document.title = now ? `${heading}（${title}）` : title;
    }

    function complete(field) {
      const box = field.querySelector("input,textarea,select"), needed = !field.querySelector(".optional");
      if (field.hidden || box.type === "checkbox") return true;
      return /radio|select/.test(box.type) ? !needed || answers(form, box.name).some(Boolean) : !wrong(field.dataset, box.value);
    }

    const passes = ({ nodes }) => !!nodes && nodes.every((node) => [node, ...node.querySelectorAll(".field")].every((field) => !field.matches(".field") || complete(field)));
    const at = () => parts.findIndex(({ hash }) => hash === location.hash.replace("#questions", ""));
    form.addEventListener("submit", (event) => {
      if (now + 1 === parts.length || !passes(parts[now])) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      history.pushState(null, "", parts[now + 1].hash);
      show(now + 1);
      head.focus();
    });
    addEventListener("popstate", () => {
      const part = at();
      if (part < 0 || part === now || !parts.slice(0, part).every(passes)) return;
      show(part);
      head.focus();
    });
    // Back from a later page: where it was left.
    if (at() > 0 && parts.slice(0, at()).every(passes)) show(at());
  }

  function prepare(form) {
    for (const [selector, act] of [[".limit", countCharacters], ["div.field", checkOnLeaving]]) {
      for (const element of form.querySelectorAll(selector)) {
        if (!element.prepared) act(element);
        element.prepared = true;
      }
    }
  }

  function sendOnce(form) {
    const button = form.querySelector("[type=submit]");
    let sent = 0, words = "";
    form.addEventListener("submit", (event) => {
      // Later it is a second try: the network may have lost the first.
      if (Date.now() - sent < 10000) return event.preventDefault();
      sent = Date.now();
      words = button.textContent;
      button.textContent = "正在提交…";
    });
    // The back button shows this page as it was left.
    addEventListener("pageshow", () => { sent = 0; if (words) button.textContent = words; });
  }

  all("form[data-draft]", keepDraft);
  all("form.form", followConditions);
  all(".form", prepare);
  all("form.form", askInTurn);
  all("form[data-once]", sendOnce);
  all("[data-received]", (page) => forget(`draft.${page.dataset.received}.`));
  all("[data-keep]", (line) => { line.hidden = false; });
  all("[data-print]", (button) => { button.onclick = () => print(); });
  // Where the browser gives no clipboard (plain HTTP, an old WebView) the button does not show.
  all("[data-copy]", (button) => {
    if (!navigator.clipboard) return button.remove();
    const words = [...document.querySelectorAll(".numbers dl > div")].map((row) => [...row.children].map((part) => part.textContent.trim()).join("："));
    const say = (text) => { button.textContent = text; };
    button.onclick = () => navigator.clipboard.writeText(words.join("\n")).then(() => say("已复制，可以粘贴到微信里保存"), () => say("没有复制成，请截图"));
  });
})();
