/**
 * An element with attributes, listeners (`onclick`) and children; text is always text, never markup.
 * @param {string} tag @param {Record<string, any>} [attributes] @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(made, name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** @param {Element} element @param {string} name @param {any} value */
export function set(element, name, value) {
  if (name.startsWith("on")) /** @type {any} */ (element)[name] = value;
  else if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Text that may not fit its box can be scrolled by keyboard, too. @param {string} text @returns {Record<string, any>} attributes */
export function scrolls(text) {
  return text.length > 200 || text.split("\n").length > 4 ? { tabindex: 0 } : {};
}

/** @param {Element|null|undefined} element @param {string} text */
export function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

/**
 * Make the children of `parent` those of `items`, keeping what is there: focus, scroll and text survive.
 * @template T
 * @param {Element} parent @param {readonly T[]} items @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make @param {(element: HTMLElement, item: T) => void} update
 */
export function keyed(parent, items, keyOf, make, update) {
  /** @type {Map<string, HTMLElement>} */
  const had = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...parent.children])) had.set(child.dataset["key"] ?? "", child);
  /** @type {Element|null} */
  let after = null;
  for (const item of items) {
    const key = keyOf(item);
    let element = had.get(key);
    if (!element) {
      element = make(item);
      element.dataset["key"] = key;
    }
    had.delete(key);
    update(element, item);
    /** @type {Element|null} */
    const place = after ? after.nextElementSibling : parent.firstElementChild;
    if (place !== element) parent.insertBefore(element, place);
    after = element;
  }
  for (const left of had.values()) left.remove();
}
