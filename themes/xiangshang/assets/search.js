// Finds every string of two characters or more, exactly, in static files; how they are made and what they hold stands in
// site-gen/src/search. Without this script the page lists what there is, column by column. Written for old browsers: nothing
// younger than 2016.
(() => {
  const at = (id) => document.getElementById(id);
  const form = at("find"), box = at("find-words"), filters = at("find-filters"), list = at("found"), status = at("found-status");
  if (!form || !window.fetch || !window.URLSearchParams || !"".normalize) return;
  const choices = [...filters.querySelectorAll("select")];
  const PAGE = 10, base = form.dataset.index.replace(/[^/]*$/, ""), title = document.title;

  // 1. Folding: which writings are the same. The same rule as in folding.rs, letter by letter.
  const ALIKE = {};
  [["[〔【〖", "("], ["]〕】〗", ")"], ["“”„‟", '"'], ["‘’‚‛", "'"], ["\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"], ["•‧・", "·"], ["〜", "~"]]
    .forEach(([those, one]) => [...those].forEach((that) => { ALIKE[that] = one; }));
  const SPACE = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
  const DROPPED = /[\xad\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f]/;
  const NARROW = /[0-9a-z\xc0-\u1fff]/;
  const folded = {};
  const foldOne = (character) => folded[character] ||
    (folded[character] = [...character.normalize("NFKC").toLowerCase()].filter((c) => !DROPPED.test(c)).map((c) => ALIKE[c] || c));

  // `text` folded, the composed text it came from, and for each unit of the former where it begins and ends in the latter.
  function fold(text) {
    const source = text.normalize("NFC"), begins = [], ends = [];
    let out = "", space = false, begin = 0;
    const push = (c, end) => {
      out += c;
      for (let unit = 0; unit < c.length; unit++) { begins.push(begin); ends.push(end); }
    };
    for (const character of source) {
      const end = begin + character.length;
      // Most of them are Han, which fold to themselves and bear no space around.
      if (character >= "\u4e00" && character <= "\u9fff") {
        out += character;
        begins.push(begin);
        ends.push(begin = end);
        space = false;
        continue;
      }
      for (const c of foldOne(character)) {
        if (SPACE.test(c)) { space = true; continue; }
        if (space && out && NARROW.test(out[out.length - 1]) && NARROW.test(c)) push(" ", end);
        space = false;
        push(c, end);
      }
      begin = end;
    }
    return { source, text: out, begins, ends };
  }

  // 2. Where strings stand: the same numbers as in grams.rs and shards.rs.
  function place(characters) {
    const mixed = (state) => {
      state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
      state = Math.imul(state ^ (state >>> 15), 0x846ca68b);
      return (state ^ (state >>> 16)) >>> 0;
    };
    let one = 0x9e3779b9, other = 0x85ebca6b;
    characters.forEach((character) => {
      const code = character.codePointAt(0);
      one = Math.imul(one ^ code, 0x2c1b3c6d);
      one ^= one >>> 15;
      other = Math.imul(other ^ code, 0x297a2d39);
      other ^= other >>> 15;
    });
    return { shard: entry.bits ? mixed(one) >>> (32 - entry.bits) : 0, key: mixed(other) >>> 6 };
  }

  const VALUES = {};
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].forEach((sign, value) => { VALUES[sign] = value; });
  function numbers(text) {
    let next = 0;
    return {
      end: () => next >= text.length,
      one() {
        let number = 0, scale = 1, value;
        do {
          value = VALUES[text[next++]];
          number += (value & 31) * scale;
          scale *= 32;
        } while (value > 31);
        return number;
      },
      pages(count, act) {
        for (let page = -1; count > 0; count--) act(page += 1 + this.one());
      },
    };
  }

  // By page: 1 where the string of that key stands in the title, 2 in a heading, 3 in the text, 0 nowhere.
  function pagesOf(grams, wanted) {
    const places = new Uint8Array(entry.pages), read = numbers(grams);
    for (let key = 0; !read.end();) {
      key += read.one();
      const head = read.one(), titles = head & 1 ? read.one() : 0, headings = head & 2 ? read.one() : 0;
      [titles, headings, head >> 2].forEach((count, before) => {
        read.pages(count, (page) => { if (key === wanted) places[page] = before + 1; });
      });
      if (key >= wanted) break;
    }
    return places;
  }

  // 3. Files. What another build left is never used: the answer is begun anew with its index, once.
  const STALE = {};
  let entry, files = {};
  const json = (url, options) => fetch(url, options).then((response) => {
    if (response.status === 404) throw STALE;
    if (!response.ok) throw response.status;
    return response.json();
  });
  function begin(cache) {
    files = {};
    return json(form.dataset.index, { cache }).then((read) => { entry = read; });
  }
  function file(path) {
    const { version, numbering } = entry;
    const read = files[path] || (files[path] = json(base + path + "?v=" + version).then((found) => {
      if (found.numbering !== numbering) throw STALE;
      return found;
    }));
    read.catch(() => { delete files[path]; });
    return read;
  }
  const anew = (act) => opening.then(act).catch((error) => {
    if (error !== STALE) throw error;
    opening = begin("reload");
    return opening.then(act);
  });
  const open = () => { opening = begin("no-cache"); opening.catch(() => {}); };
  let opening;
  open();

  // 4. An answer: pages in order, looked into as they are shown.
  function answer(question) {
    const { parts, chosen } = question;
    let places = null;
    const count = () => places.reduce((sum, one) => sum + (one > 0), 0);
    const both = (more) => { places = places ? places.map((one, page) => one && more[page] && Math.max(one, more[page])) : more; };
    const ask = (grams) => Promise.all(grams.map((gram) => {
      const { shard, key } = place(gram);
      return file("g/" + ("00" + shard.toString(16)).slice(-3) + ".json").then((found) => pagesOf(found.grams, key));
    })).then((found) => found.forEach(both));
    // A long string has all its fours; two that cover its ends exclude most pages, the others are asked when many are left.
    const first = [], rest = [];
    parts.forEach((part) => {
      if (part.length <= 4) return first.push(part);
      for (let from = 0; from + 4 <= part.length; from++) {
        (from === 0 || from + 4 === part.length ? first : rest).push(part.slice(from, from + 4));
      }
    });
    const narrow = () => {
      if (!rest.length || count() <= PAGE) return null;
      const middle = rest.length >> 1;
      return ask(rest.splice(Math.max(0, middle - 1), 3)).then(narrow);
    };
    const within = () => (chosen.length ? file("filters.json").then(({ filters: known }) => chosen.forEach(([name, value]) => {
      const kept = new Uint8Array(entry.pages), read = numbers((known[name] || {})[value] || "A");
      read.pages(read.one(), (page) => { kept[page] = 1; });
      both(kept);
    })) : null);
    return ask(first).then(narrow).then(within).then(() => {
      const left = [[], [], []];
      for (let page = places.length - 1; page >= 0; page--) if (places[page]) left[places[page] - 1].push(page);
      return { parts, left, shown: 0, total: count(), exact: !parts.some((part) => part.length > 4) };
    });
  }

  // The next results. Until a page's words are read it may hold the parts of a long string, but not the string, or in a worse place.
  function more(found, wanted, results, tried) {
    const before = found.left.findIndex((pages) => pages.length);
    if (before < 0) found.exact = true;
    if (before < 0 || results.length >= wanted) return Promise.resolve(results);
    const batch = found.left[before].splice(0, Math.max(wanted - results.length, tried));
    return Promise.all(batch.map((page) => file("p/" + page + ".json"))).then((read) => {
      let beyond = [];
      read.forEach((page, index) => {
        const result = look(page, found.parts);
        if (!result) found.total--;
        else if (result.before > before) found.left[result.before].push(batch[index]);
        else if (results.length < wanted) results.push(result);
        else beyond.push(batch[index]);
      });
      found.left[before] = beyond.concat(found.left[before]);
      found.left.slice(before + 1).forEach((pages) => pages.sort((one, other) => other - one));
      return more(found, wanted, results, tried + batch.length);
    });
  }

  // The page as a result, when it holds every part: in the title (0), in a heading (1), elsewhere (2).
  function look(page, parts) {
    const texts = [[fold(page.title)], page.headings.map(fold), (page.summary ? [page.summary] : []).concat(page.lines).map(fold)];
    const words = parts.map((part) => part.join(""));
    const holds = (word) => (text) => text.text.indexOf(word) >= 0;
    const before = Math.max(...words.map((word) => {
      const found = texts.findIndex((some) => some.some(holds(word)));
      return found < 0 ? 9 : found;
    }));
    if (before > 2) return null;
    const quoted = [];
    words.forEach((word) => {
      const line = texts[2].find(holds(word)) || texts[1].find(holds(word));
      if (line && quoted.indexOf(line) < 0 && quoted.length < 2) quoted.push(line);
    });
    // A few words of a table say little by themselves: what the page is about goes before them.
    const about = texts[2][0], said = quoted.reduce((sum, line) => sum + line.text.length, 0);
    if (about && said < 24 && quoted.length < 2 && quoted.indexOf(about) < 0) quoted.unshift(about);
    return { page, before, words, title: texts[0][0], quoted };
  }

  // 5. What is shown.
  function element(name, className, content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    [].concat(content || []).forEach((part) => made.appendChild(typeof part === "string" ? document.createTextNode(part) : part));
    return made;
  }

  // Text with its words marked, at most `most` characters of it, the first mark among them.
  function marked({ source, text, begins, ends }, words, most) {
    const ranges = [];
    words.forEach((word) => {
      for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length)) {
        ranges.push([begins[from], ends[from + word.length - 1]]);
      }
    });
    ranges.sort((one, other) => one[0] - other[0]);
    let from = 0, to = source.length;
    if (to > most) {
      from = ranges.length ? Math.max(0, Math.min(ranges[0][0] - 24, to - most)) : 0;
      to = Math.min(to, Math.max(from + most, ranges.length ? ranges[0][1] : 0));
      // A character of two units is not cut.
      if (/[\udc00-\udfff]/.test(source[from])) from--;
      if (to < source.length && /[\udc00-\udfff]/.test(source[to])) to++;
    }
    const parts = [from > 0 ? "…" : ""];
    let done = from;
    ranges.forEach(([first, end]) => {
      first = Math.max(first, done);
      end = Math.min(end, to);
      if (first >= end) return;
      parts.push(source.slice(done, first), element("mark", "", source.slice(first, end)));
      done = end;
    });
    parts.push(source.slice(done, to), to < source.length ? "…" : "");
    return parts.filter((part) => part !== "");
  }

  function card({ page, words, title: heading, quoted }) {
    const link = element("a", "", marked(heading, words, 120));
    link.href = page.url;
    const quotes = quoted.map((line) => element("p", "card-summary", marked(line, words, quoted.length > 1 ? 60 : 110)));
    return element("li", "card", element("div", "card-words", [element("h2", "card-title", link), element("p", "card-note", page.note)].concat(quotes)));
  }

  // Nothing holds all that was asked: offers the pieces that something holds, words as they were typed or else pairs from left to right.
  function offer(mine, parts) {
    const pieces = at("found-pieces");
    pieces.textContent = "";
    const asked = parts.length > 1 ? parts.slice() : null, from = asked ? [] : parts[0];
    const next = (begin, room) => {
      const piece = asked ? asked.shift() : from.slice(begin, begin + 2);
      if (!room || !piece || piece.length < 2 || (!asked && from.length < 3)) return null;
      return answer({ parts: [piece], chosen: [] }).then(({ total, exact }) => {
        if (mine !== turn) return null;
        if (total) {
          const link = element("a", "", piece.join("") + "（" + (exact ? "" : "约 ") + total + " 条）");
          link.href = "?q=" + encodeURIComponent(piece.join(""));
          pieces.appendChild(element("li", "", link));
        }
        return next(begin + (total ? 2 : 1), room - 1);
      });
    };
    Promise.resolve(next(0, 8)).catch(() => {});
  }

  let turn = 0, current = null;
  function say(words, { nothing, failed, all }) {
    status.textContent = words;
    at("found-nothing").hidden = !nothing;
    at("found-failed").hidden = !failed;
    at("all").hidden = !all;
    list.setAttribute("aria-busy", "false");
  }
  function clear() {
    list.textContent = "";
    at("found-more").hidden = true;
  }

  function show(mine, wanted) {
    const found = current;
    return more(found, wanted, [], 0).then((results) => {
      if (mine !== turn) return null;
      if (!found.shown) clear();
      const cards = results.map(card);
      cards.forEach((one) => list.appendChild(one));
      found.shown += cards.length;
      const name = "“" + found.name + "”";
      const where = found.narrowed ? "在所选范围里" : "";
      at("found-unfilter").hidden = !found.narrowed;
      at("found-shorter").hidden = !found.parts.some((part) => part.length > 4) && found.parts.length < 2;
      if (!found.shown) {
        say(where + "没有找到" + name + "。", { nothing: true, all: true });
        offer(mine, found.parts);
      }
      else say(where + "找到" + (found.exact ? " " : "约 ") + found.total + " 条有" + name + "的内容" + (found.total > found.shown ? "，先列出 " + found.shown + " 条。" : "。"), {});
      at("found-more").hidden = !found.left.some((pages) => pages.length);
      return cards[0];
    });
  }

  function search() {
    const mine = ++turn, name = box.value.trim();
    const chosen = choices.filter((choice) => choice.value).map((choice) => [choice.name, choice.value]);
    document.title = (name ? name + " - " : "") + title;
    at("find-chosen").textContent = chosen.length ? "（已选 " + chosen.length + " 项）" : "";
    // White space between words of two characters or more asks for pages that hold all of them; elsewhere it means nothing.
    const whole = [...fold(name).text];
    const words = name.split(/\s+/).map((word) => [...fold(word).text]).filter((word) => word.length);
    const parts = words.length > 1 && words.every((word) => word.length > 1) ? words : [whole];
    if (whole.length < 2) {
      clear();
      return say(whole.length ? "一个字在几乎每一页里都有，帮不上忙。请再写一个字，如“贷款”。" : "", { all: true });
    }
    list.setAttribute("aria-busy", "true");
    const waiting = setTimeout(() => { if (mine === turn) status.textContent = "正在查找…"; }, 400);
    anew(() => answer({ parts, chosen }).then((found) => {
      if (mine !== turn) return null;
      current = Object.assign(found, { name, narrowed: chosen.length > 0 });
      return show(mine, PAGE);
    })).catch(() => {
      if (mine !== turn) return;
      clear();
      say("没有查成：网络不通，或网站正在更新。", { failed: true, all: true });
    }).then(() => clearTimeout(waiting));
  }

  // 6. What was asked stands in the address, so that it can be shared and gone back to.
  function write(how) {
    const query = new URLSearchParams();
    [box].concat(choices).forEach((field) => { if (field.value.trim()) query.set(field.name, field.value.trim()); });
    const address = String(query) ? "?" + query : location.pathname;
    if (address !== (location.search || location.pathname)) history[how](null, "", address);
  }
  function read() {
    const query = new URLSearchParams(location.search);
    [box].concat(choices).forEach((field) => {
      field.value = query.get(field.name) || "";
      if (field.selectedIndex < 0) field.selectedIndex = 0;
    });
    filters.open = choices.some((choice) => choice.value);
    search();
  }
  let typing;
  const typed = (event) => {
    clearTimeout(typing);
    if (!event.isComposing) typing = setTimeout(() => { write("replaceState"); search(); }, 250);
  };
  box.addEventListener("input", typed);
  box.addEventListener("compositionend", typed);
  choices.forEach((choice) => choice.addEventListener("change", () => { write("pushState"); search(); }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(typing);
    write("pushState");
    search();
    // The keyboard of a phone would cover what is found.
    if (window.matchMedia && matchMedia("(pointer: coarse)").matches) box.blur();
  });
  at("found-again").addEventListener("click", () => { open(); search(); });
  at("found-unfilter").addEventListener("click", () => {
    choices.forEach((choice) => { choice.selectedIndex = 0; });
    write("pushState");
    search();
    box.focus();
  });
  at("found-more").addEventListener("click", () => {
    const mine = turn;
    show(mine, PAGE).then((first) => {
      const link = first && first.querySelector("a");
      if (link) link.focus();
    }).catch(() => { if (mine === turn) say("没有查成：网络不通，或网站正在更新。", { failed: true }); });
  });
  window.addEventListener("popstate", read);
  filters.hidden = false;
  choices.forEach((choice) => { choice.disabled = false; });
  read();
})();
