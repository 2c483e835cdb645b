// 找政策: which policies fit, by what is chosen. The page has lists for whoever runs no script; this form shows itself only here.
(function () {
  "use strict";
  var form = document.getElementById("match");
  var found = document.getElementById("match-found");
  var list = document.getElementById("match-list");
  var status = document.getElementById("match-status");
  var none = document.getElementById("match-none");
  var card = document.getElementById("match-card");
  if (!form || !card || !card.content || !window.fetch || !window.URLSearchParams) return;
  var names = ["need", "size", "industry", "chain"];
  var policies = null;

  function fits(policy, wanted) {
    return names.every(function (name) {
      if (!wanted[name]) return true;
      // What a policy is for must be said; what it is restricted to may be left open.
      if (!policy[name].length) return name !== "need";
      return policy[name].indexOf(wanted[name]) >= 0;
    });
  }

  // What names the firm comes before what is for everybody.
  function named(policy, wanted) {
    return names.filter(function (name) { return wanted[name] && policy[name].indexOf(wanted[name]) >= 0; }).length;
  }

  function shown(policy) {
    var item = document.importNode(card.content, true);
    var part = function (css) { return item.querySelector(css); };
    part(".tag").className = "tag tag-" + policy.tone;
    part(".tag").textContent = policy.state;
    part(".card-title a").href = policy.url;
    part(".card-title a").textContent = policy.title;
    part(".card-facts").textContent = policy.facts;
    part(".card-summary").textContent = policy.summary || "";
    return item;
  }

  function show(wanted, moves) {
    var fitting = policies.filter(function (policy) { return fits(policy, wanted); });
    fitting = fitting
      .map(function (policy, place) { return { policy: policy, place: place, named: named(policy, wanted) }; })
      .sort(function (one, other) { return other.named - one.named || one.place - other.place; })
      .map(function (entry) { return entry.policy; });
    list.textContent = "";
    fitting.forEach(function (policy) { list.appendChild(shown(policy)); });
    status.textContent = fitting.length ? "适合的政策：" + fitting.length + " 项" : "没有适合的政策";
    none.hidden = fitting.length > 0;
    found.hidden = false;
    if (moves) status.focus();
  }

  function asked() {
    var wanted = {};
    names.forEach(function (name) {
      var field = form.elements[name];
      wanted[name] = field ? field.value : "";
    });
    return wanted;
  }

  function answer(moves) {
    var wanted = asked();
    if (policies) return show(wanted, moves);
    fetch(form.getAttribute("data-policies"))
      .then(function (response) {
        if (!response.ok) throw new Error(String(response.status));
        return response.json();
      })
      .then(function (all) {
        policies = all;
        show(wanted, moves);
      })
      .catch(function () {
        status.textContent = "没有取到政策清单，请检查网络后再试，或看下面的分类。";
        list.textContent = "";
        none.hidden = true;
        found.hidden = false;
      });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    // What is chosen stands in the address: it can be sent to somebody else.
    var query = new URLSearchParams();
    var wanted = asked();
    names.forEach(function (name) { if (wanted[name]) query.set(name, wanted[name]); });
    var text = query.toString();
    history.replaceState(null, "", location.pathname + (text ? "?" + text : ""));
    answer(true);
  });

  form.hidden = false;
  var given = new URLSearchParams(location.search);
  var any = false;
  names.forEach(function (name) {
    var field = form.elements[name];
    var value = given.get(name);
    if (field && value) {
      field.value = value;
      any = any || field.value === value;
    }
  });
  if (any) answer(false);
})();
