// Walks with somebody who has only a keyboard. `begin` notes how things look, `step` judges what has the focus after each Tab, `end` tells what was
// wrong and what was never reached.
window.walk = (() => {
  const name = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> “${(element.textContent || element.name || "").trim().slice(0, 30)}”`;
  const seen = new Set(), looks = new Map();
  let found = [], last = null;
  const look = (element) => {
    const style = getComputedStyle(element);
    const sides = ["Top", "Right", "Bottom", "Left"].map((side) => style[`border${side}Color`] + style[`border${side}Width`]);
    return [style.boxShadow, style.backgroundColor, style.textDecoration, ...sides].join();
  };
  const outlined = ({ outlineStyle, outlineWidth, outlineColor }) =>
    outlineStyle !== "none" && parseFloat(outlineWidth) > 0 && !/^rgba\(.*, 0\)$|^transparent$/.test(outlineColor);
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  // Where it is on the page; what lies left of it comes in when it has the focus (the link that skips) or never (traps for programs).
  const there = (element) => {
    const box = element.getBoundingClientRect();
    return visible(element) && box.width > 1 && box.height > 1 && box.right > 0;
  };

  function begin() {
    seen.clear();
    looks.clear();
    [found, last] = [[], null];
    scrollTo(0, 0);
    document.activeElement.blur();
    getSelection().collapse(document.body, 0);
    for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")) looks.set(element, look(element));
  }

  // False when the walk is over: it has left the page or begins anew.
  function step() {
    const at = document.activeElement;
    if (!at || at === document.body || at === document.documentElement) return false;
    // A field of several parts is as many stops.
    if (at === last) return true;
    if (seen.has(at)) return false;
    seen.add(at);
    last = at;
    const boxes = [...at.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    const inside = (box) => ({
      left: Math.max(box.left, 0), right: Math.min(box.right, innerWidth),
      top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight),
    });
    const parts = boxes.map(inside).filter(({ left, right, top, bottom }) => left < right && top < bottom);
    if (!visible(at) || !parts.length) {
      found.push(`${name(at)} has the focus and cannot be seen`);
      return true;
    }
    if (!outlined(getComputedStyle(at)) && looks.get(at) === look(at)) found.push(`${name(at)} looks the same with the focus`);
    const free = ({ left, right, top, bottom }) => {
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return hit && (at.contains(hit) || hit.contains(at) || [...(at.labels ?? [])].some((label) => label.contains(hit)));
    };
    if (!parts.some(free)) found.push(`${name(at)} has the focus and is covered`);
    return true;
  }

  function end() {
    // Of radio buttons one is a stop, and arrows lead to the others.
    const group = (element) => [...document.getElementsByName(element.name)].some((other) => other.form === element.form && seen.has(other));
    for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
      const reached = seen.has(element) || (element.type === "radio" && group(element));
      if (!reached && !element.disabled && there(element)) found.push(`${name(element)} cannot be reached`);
    }
    return found;
  }
  return { begin, step, end };
})();
