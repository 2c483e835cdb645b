// Free seats as they are now, in place of those that the static page was written with: one request for all of the page. When nothing comes
// back, the page stays as it is.
(() => {
  const places = [...document.querySelectorAll("[data-seats]")];
  const ids = new Set(places.map((place) => place.dataset.seats));
  fetch("/f/seats/" + [...ids].join("+"))
    .then((answer) => (answer.ok ? answer.json() : Promise.reject()))
    .then(({ at, seats }) => places.forEach((place) => {
      const now = seats[place.dataset.seats];
      if (!now) return;
      place.textContent = "slot" in place.dataset ? (now.free ? "可以约" : "已约出") : `${now.words}，更新于 ${at}`;
    }))
    .catch(() => {});
})();
