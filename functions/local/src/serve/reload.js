// Reloads the page after a rebuild and shows over it what is wrong in the content.
// `xiangshang serve` puts it into pages while it watches; it is no part of the site.
(function () {
  "use strict";
  const { build, revision } = document.currentScript.dataset;
  let overlay = null;

  let source = null;

  // A page that is left stays in memory for the back button, and so would its stream: six of them are all the connections that a
  // browser opens to one host, and the next form that is sent would wait for a minute.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", listen);

  function listen() {
    if (source) source.close();
    source = new EventSource("/_dev/events");
    source.addEventListener("status", take);
  }

  function take(event) {
    const status = JSON.parse(event.data);
    // The page that stands in for a site lists the mistakes itself and is stale after any build.
    const stale = revision ? String(status.revision) !== revision : status.build !== build;
    if (stale && !hasTyping()) {
      source.close();
      location.reload();
      return;
    }
    if (!revision) show(status.mistakes, stale);
  }

  // A reload would lose what somebody typed into a form.
  function hasTyping() {
    const controls = document.querySelectorAll('form[method="post"] input, form[method="post"] textarea, form[method="post"] option');
    return Array.from(controls).some((control) => {
      if (control.tagName === "OPTION") return control.selected !== control.defaultSelected && control.index > 0;
      if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
      return control.type !== "hidden" && control.value !== control.defaultValue;
    });
  }

  function show(mistakes, stale) {
    if (overlay) overlay.remove();
    overlay = null;
    if (!mistakes.length && !stale) return;
    overlay = element("aside", "");
    overlay.id = "dev-overlay";
    overlay.className = "dev-overlay";
    overlay.setAttribute("role", "alert");
    const close = element("button", "关闭");
    close.type = "button";
    close.addEventListener("click", () => show([], false));
    overlay.append(close);
    if (stale) {
      overlay.append(element("p", "网页有更新。表单里填了内容，所以没有自动刷新；填好后再刷新即可。"));
    }
    if (mistakes.length) {
      overlay.append(element("h2", `内容有 ${mistakes.length} 处要改，网页暂时还是旧的`));
      const list = document.createElement("ol");
      for (const mistake of mistakes) {
        const item = document.createElement("li");
        if (mistake.place) item.append(element("code", mistake.place));
        const message = document.createElement("p");
        message.append(element("strong", mistake.message));
        item.append(message);
        if (mistake.quote) {
          const quote = element("pre", mistake.quote.before);
          quote.append(element("mark", mistake.quote.marked), mistake.quote.after);
          item.append(quote);
        }
        if (mistake.hint) item.append(element("p", `怎么改：${mistake.hint}`));
        list.append(item);
      }
      overlay.append(list);
    }
    document.body.append(overlay);
  }

  function element(name, text) {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show([], false);
  });
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = "/_dev/overlay.css";
  document.head.append(style);
})();
