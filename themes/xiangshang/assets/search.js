// Finds pages whose title, summary or other words hold every word that was typed, exactly as it stands. Without this script the
// page lists everything by section.
(function () {
  var form = document.getElementById("find");
  var box = document.getElementById("find-words");
  var found = document.getElementById("found");
  var all = document.getElementById("all");
  if (!form || !window.fetch) return;

  var entries;
  function load() {
    if (!entries) entries = fetch(form.dataset.index).then(function (response) { return response.json(); });
    return entries;
  }

  function normal(text) { return text.normalize("NFKC").toLowerCase(); }

  function element(name, text, className) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function show(words, list) {
    found.textContent = "";
    all.hidden = words.length > 0;
    if (!words.length) return;
    found.append(element("p", list.length ? "找到 " + list.length + " 条" : "没有找到。换一个词试试，或清空后按栏目浏览。", "found-count"));
    var cards = element("ul", "", "cards");
    list.slice(0, 100).forEach(function (entry) {
      var card = element("li", "", "card");
      var body = element("div", "", "card-words");
      var title = element("h2", "", "card-title");
      var link = element("a", entry.t);
      link.href = entry.u;
      title.append(link);
      body.append(title, element("p", [entry.k, entry.d].filter(Boolean).join(" · "), "card-note"), element("p", entry.s, "card-summary"));
      card.append(body);
      cards.append(card);
    });
    found.append(cards);
  }

  function search() {
    var words = normal(box.value).split(/\s+/).filter(Boolean);
    load().then(function (entries) {
      var scored = entries.map(function (entry) {
        var title = normal(entry.t);
        var rest = normal(entry.t + " " + entry.s + " " + entry.k + " " + entry.w);
        if (!words.every(function (word) { return rest.indexOf(word) >= 0; })) return null;
        return { entry: entry, inTitle: words.every(function (word) { return title.indexOf(word) >= 0; }) };
      }).filter(Boolean);
      var first = scored.filter(function (hit) { return hit.inTitle; });
      var then = scored.filter(function (hit) { return !hit.inTitle; });
      show(words, first.concat(then).map(function (hit) { return hit.entry; }));
    }).catch(function () {
      found.textContent = "";
      found.append(element("p", "查找暂时用不了，请按栏目浏览。", "notice"));
    });
  }

  var waiting;
  box.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(search, 200); });
  form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
  box.value = new URLSearchParams(location.search).get("q") || "";
  if (box.value) search();
})();
