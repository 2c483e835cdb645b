// 长辈版 works without this script, through the check box alone. The script only remembers the choice from page to page,
// and runs before the first paint so that text does not jump.
(function () {
  var key = "large-text";
  var larger = "larger";
  var root = document.documentElement;
  function remembered() {
    try { return localStorage.getItem(key) === "1"; } catch (error) { return false; }
  }
  if (remembered()) root.classList.add(larger);
  document.addEventListener("DOMContentLoaded", function () {
    var box = document.getElementById(key);
    if (!box) return;
    box.checked = root.classList.contains(larger);
    box.addEventListener("change", function () {
      root.classList.toggle(larger, box.checked);
      try { localStorage.setItem(key, box.checked ? "1" : "0"); } catch (error) { /* private mode: holds for this page */ }
    });
  });
})();
