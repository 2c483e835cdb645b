// What the editor is taught beside its settings. It is started after decap-cms.js and knows nothing but its global CMS.

// An object that may be left out is written with all that is empty in it, and the build would ask for the rest of it.
const isEmpty = (value) => value === undefined || value === null || value === "" || value.size === 0;
const withoutEmpty = (value) =>
  value && value.toJS ? value.map(withoutEmpty).filter((inner, key) => key === "body" || !isEmpty(inner)) : value;
CMS.registerEventListener({ name: "preSave", handler: ({ entry }) => withoutEmpty(entry.get("data")) });

// Its own words for a picture are English, and it does not ask for what those hear who cannot see it.
CMS.registerEditorComponent({
  id: "image",
  label: "图片",
  fields: [
    { label: "图片", name: "image", widget: "image", media_library: { allow_multiple: false } },
    { label: "图上是什么", name: "alt", widget: "string", hint: "读屏软件会念出来；图片打不开的时候，显示的也是它。" },
    { label: "图注", name: "title", widget: "string", required: false, hint: "显示在图片下面，可以不写。" },
  ],
  pattern: /^!\[(.*)\]\((.*?)(\s"(.*)")?\)$/,
  fromBlock: (match) => match && { image: match[2], alt: match[1], title: match[4] },
  toBlock: ({ alt, image, title }) => `![${alt || ""}](${image || ""}${title ? ` "${title.replace(/"/g, '\\"')}"` : ""})`,
});
