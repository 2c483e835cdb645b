// Files are sent by a plain form and need no script. This one makes a photograph smaller before it goes over a telephone's line, says what
// is happening, and stops a second click. What it cannot read is sent as it is: the server decides.
(() => {
  const form = document.querySelector("[data-files]");
  if (!form) return;
  const input = form.querySelector("input[type=file]"), button = form.querySelector("button");
  const sending = form.querySelector("[data-sending]"), words = sending.querySelector("p"), bar = sending.querySelector("progress");
  const side = +form.dataset.side, largest = +form.dataset.largest;

  function say(text, busy) {
    sending.hidden = false;
    words.textContent = text;
    bar.hidden = !busy;
    button.disabled = busy;
  }

  async function smaller(file) {
    // Not by an <img>: the page's policy knows no `blob:`. A browser that does not know how the camera was held fails here, and the server turns it.
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const context = canvas.getContext("2d");
    // What is seen through is white on paper.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const bytes = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    if (!bytes) return null;
    const heic = /\.hei[cf]$/i.test(file.name);
    return heic || scale < 1 || bytes.size < file.size ? new File([bytes], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }) : null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = input.files[0];
    if (!file || button.disabled) return;
    if (file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name)) {
      say("正在把照片缩小……", true);
      try {
        const small = await smaller(file);
        if (small) {
          const chosen = new DataTransfer();
          chosen.items.add(small);
          input.files = chosen.files;
        }
      } catch (e) { /* Sent as it is. */ }
    }
    if (input.files[0].size > largest) {
      say("这份文件太大：照片不超过 20 MB，其他文件不超过 5 MB。请换一份，或者截屏后传截屏的图。", false);
      return;
    }
    // A bucket is not told a file's name by the form itself.
    const name = form.querySelector("[name=x-amz-meta-name]");
    if (name) name.value = encodeURIComponent(file.name.slice(-60));
    say("正在上传，请不要关掉这一页……", true);
    form.submit();
  });
  // Back from what came of it: the page is as it was left.
  addEventListener("pageshow", () => { button.disabled = false; sending.hidden = true; });
})();
