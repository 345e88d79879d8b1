import type { Order } from '../api/image';
import { h } from '../view/element';

const ORDERS: [Order, string][] = [
  ['newest', 'Upload'],
  ['taken', 'Capture time'],
];

/** The choice of the gallery's order. */
export function orderChoice(chosen: (order: Order) => void): HTMLElement {
  const options = ORDERS.map(([value, words]) => h('option', { value }, words));
  const select = h('select', { name: 'order' }, ...options);
  select.addEventListener('change', () => {
    const order = ORDERS.find(([value]) => value === select.value)?.[0];
    if (order) chosen(order);
  });
  return h('label', { class: 'order-choice' }, h('span', {}, 'Latest first, by'), select);
}
