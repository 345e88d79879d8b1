type Attribute = string | number | boolean | ((event: Event) => void) | undefined;
type Child = Node | string | undefined;

/**
 * Creates an element. `on…` adds a listener, `true` sets an attribute, `false` and `undefined` do
 * not.
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, Attribute> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter(child => child !== undefined));
  return element;
}

const PATHS = {
  add: 'M12 5v14M5 12h14',
  bin: 'M5 7h14M10 7V5h4v2M7 7l1 12h8l1-12M10.5 11v5M13.5 11v5',
  close: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14',
  leave: 'M14 5H6v14h8M10.5 12H20M16.5 8.5L20 12l-3.5 3.5',
  next: 'M9 5l7 7-7 7',
  previous: 'M15 5l-7 7 7 7',
  retry: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  warning: 'M12 4.5l8.5 15h-17zM12 10.5v4M12 17v.1',
} as const;

/** An icon for an action; the caller adds the accessible name. */
export function icon(name: keyof typeof PATHS): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon');
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon only. */
export function iconButton(
  name: keyof typeof PATHS,
  label: string,
  act: () => void,
  className = '',
): HTMLButtonElement {
  const attributes = {
    type: 'button',
    class: `icon-button ${className}`,
    'aria-label': label,
    title: label,
    onclick: act,
  };
  return h('button', attributes, icon(name));
}

/** The logo and the name. */
export function brand(): HTMLElement {
  const mark = h('img', { src: './favicon.svg', alt: '', width: 28, height: 28 });
  return h('span', { class: 'brand' }, mark, 'Hikidashi');
}
