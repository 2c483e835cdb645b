// What is wrong with the page as it is printed: the medium is print, the width that of the sheet between its margins. Gives sentences.
(() => {
  const found = [];
  const root = document.documentElement;
  const name = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}">`;
  const shown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    // What is only for screen readers is one pixel wide.
    return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  const channels = (colour) => {
    const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  for (const animation of document.getAnimations()) animation.finish();

  for (const element of document.querySelectorAll("nav, [role=navigation], [role=search], body > header, body > footer, body > a")) {
    if (shown(element)) found.push(`${name(element)} is printed, though it only leads elsewhere`);
  }
  if (![...document.querySelectorAll("h1")].some(shown)) found.push("the title is not printed");

  // A printer may leave grounds out or print them: words must be dark on white either way.
  const WHITE = [255, 255, 255];
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = channels(getComputedStyle(at).backgroundColor);
      if (alpha > 0.5) return rgb;
    }
    return WHITE;
  };
  const said = new Set();
  const words = (element, text) => {
    if (!text.trim() || !shown(element)) return;
    const style = getComputedStyle(element);
    const { rgb, alpha } = channels(element instanceof SVGElement ? style.fill : style.color);
    const least = Math.min(contrast(rgb, WHITE), contrast(rgb, ground(element)));
    if (alpha > 0.5 && least >= 4.5) return;
    const complaint = `${name(element)} has words that are not dark on white`;
    if (!said.has(complaint)) found.push(`${complaint}: ${text.trim().slice(0, 40)}`);
    said.add(complaint);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!element.closest("script, style, template, noscript, option, textarea")) words(element, texts.currentNode.data);
  }
  document.querySelectorAll("input, select, textarea").forEach((field) => words(field, field.value));

  for (const link of document.querySelectorAll("a[href]")) {
    const address = link.getAttribute("href");
    if (!shown(link) || !/^https?:$/.test(link.protocol) || link.origin === location.origin) continue;
    const { content } = getComputedStyle(link, "::after");
    if (!link.textContent.includes(address) && !content.includes(address) && !content.includes("attr(href")) {
      found.push(`the address ${address} of “${link.textContent}” is not printed`);
    }
  }

  const wide = root.scrollWidth - root.clientWidth;
  if (wide > 0) {
    const beyond = (element) => element.getBoundingClientRect().right > root.clientWidth + 1;
    found.push(`${wide} px too wide by ${[...document.querySelectorAll("body *")].filter(beyond).slice(0, 3).map(name).join(", ")}`);
  }
  // Nobody scrolls on paper.
  for (const element of document.querySelectorAll("body *")) {
    const whole = getComputedStyle(element).overflowX === "visible" || element.matches("input, textarea, select");
    if (!whole && shown(element) && element.scrollWidth > element.clientWidth + 1) found.push(`${name(element)} cuts off what is in it`);
  }
  return found;
})();
