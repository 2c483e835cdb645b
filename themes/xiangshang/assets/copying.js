// Copies an article for an official account's editor: as rich text with its own styles, from the source beside it. Without this script one selects and copies
// by hand. The event of copying and not the clipboard itself: old browsers know no other, and it asks for no permission.
(function () {
  var said = document.getElementById("copied");
  function copy(button) {
    var shown = document.getElementById(button.getAttribute("data-copy"));
    var source = document.getElementById(button.getAttribute("data-source"));
    var selection = window.getSelection();
    var range = document.createRange();
    var taken = false;
    function put(event) {
      event.preventDefault();
      event.clipboardData.setData("text/plain", shown.innerText);
      if (source) event.clipboardData.setData("text/html", source.value);
      taken = true;
    }
    // Safari copies only where something is selected.
    range.selectNodeContents(shown);
    selection.removeAllRanges();
    selection.addRange(range);
    document.addEventListener("copy", put);
    try { document.execCommand("copy"); } catch (error) { /* told below */ }
    document.removeEventListener("copy", put);
    if (taken) selection.removeAllRanges();
    said.textContent = taken ? "已复制，可以粘贴了。" : "浏览器不让自动复制。内容已选中，请按 Ctrl+C（苹果电脑按 ⌘C）。";
    said.hidden = false;
  }
  Array.prototype.forEach.call(document.querySelectorAll("[data-copy]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { copy(button); });
  });
})();
