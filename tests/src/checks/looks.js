// What is wrong with the page as it stands: by axe-core, and by measure. Gives sentences.
(async (steps) => {
  const found = [];
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    return `<${element.localName}${id} class="${element.className}">`;
  };
  const root = document.documentElement;
  // Colours that are still on their way from light to dark are nobody's to read.
  root.getBoundingClientRect();
  for (const animation of document.getAnimations()) animation.finish();
  if (steps.includes("width")) {
    const wide = root.scrollWidth - root.clientWidth;
    if (wide > 0) {
      const culprits = [...document.querySelectorAll("body *")].filter(
        (element) => element.getBoundingClientRect().right > root.clientWidth + 1,
      );
      found.push(`${wide} px too wide by ${culprits.slice(0, 3).map(name).join(", ")}`);
    }
    // Text that does not fit what cuts it off. What is only for screen readers is one pixel wide on purpose.
    for (const element of document.querySelectorAll("body *")) {
      const style = getComputedStyle(element);
      const cuts = (style.overflowX === "hidden" || style.overflowX === "clip") && !element.matches("input, textarea, select");
      if (cuts && element.clientWidth > 2 && element.scrollWidth > element.clientWidth + 1) {
        found.push(`${name(element)} cuts off what is in it`);
      }
    }
  }
  if (steps.includes("axe")) {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const result = await window.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] });
    for (const violation of result.violations) {
      for (const node of violation.nodes) {
        const why = [...node.any, ...node.all, ...node.none].map((check) => check.message).join("; ");
        found.push(`${violation.id}: ${node.html.slice(0, 200)} (${why})`);
      }
    }
  }
  if (steps.includes("aaa")) {
    const result = await window.axe.run(document, {
      runOnly: { type: "rule", values: ["color-contrast-enhanced"] },
      resultTypes: ["violations"],
      rules: { "color-contrast-enhanced": { enabled: true } },
    });
    for (const violation of result.violations) {
      for (const node of violation.nodes) {
        found.push(`${violation.id}: ${node.html.slice(0, 200)} (${node.any.map((check) => check.message).join("; ")})`);
      }
    }
  }
  if (steps.includes("targets")) {
    const size = parseFloat(getComputedStyle(document.querySelector("main") ?? document.body).fontSize);
    if (size < 20) found.push(`text of ${size} px`);
    // What is touched on purpose: buttons, fields, and links that stand by themselves. Links in running text are as high as their line.
    const targets = "button, .button, select, .navigation a, .chips a, .choice label, .slots a, summary";
    for (const element of document.querySelectorAll(targets)) {
      const { width, height } = element.getBoundingClientRect();
      if (width > 1 && height > 1 && height < 55.5) found.push(`${name(element)} is only ${Math.round(height)} px high`);
    }
  }
  if (steps.includes("still")) {
    for (const element of document.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const moves = [style.transitionDuration, style.animationName === "none" ? "0s" : style.animationDuration];
      if (moves.some((time) => time.split(",").some((one) => parseFloat(one) > 0))) found.push(`${name(element)} moves`);
    }
    if (getComputedStyle(root).scrollBehavior === "smooth") found.push("the page scrolls smoothly");
  }
  if (steps.includes("origin")) {
    for (const entry of performance.getEntriesByType("resource")) {
      if (new URL(entry.name).origin !== location.origin) found.push(`fetched ${entry.name}`);
    }
  }
  return found;
})
