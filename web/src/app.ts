import { Api } from './api/api';
import { type Config, parseConfig } from './config';
import { Gallery } from './gallery/gallery';
import { Session } from './session/session';
import { UserPool } from './session/user-pool';
import { Banner } from './view/banner';
import { brand, h, icon } from './view/element';
import { signIn } from './view/sign-in';
import { Toasts } from './view/toasts';

/** Shows the sign-in form or, to a signed-in user, the gallery. */
export async function start(root: HTMLElement): Promise<void> {
  let config: Config;
  try {
    const response = await fetch('./config.json', { cache: 'no-cache' });
    if (!response.ok) throw new Error(`config.json: ${response.status}`);
    config = parseConfig(await response.json(), location.href);
  } catch (error) {
    root.replaceChildren(unavailable(error));
    return;
  }
  const session = new Session(new UserPool(config), sessionStorage);
  if (session.state === 'signed-in') return showGallery(root, config, session);
  root.replaceChildren(h('main', { class: 'welcome' }, signIn(session, config.demoUsers)));
  session.onChange(state => {
    if (state === 'signed-in') showGallery(root, config, session);
  });
}

let isShown = false;

function showGallery(root: HTMLElement, config: Config, session: Session): void {
  if (isShown) return;
  isShown = true;
  const banner = new Banner();
  const toasts = new Toasts();
  const api = new Api(config.apiUrl, session, answered => banner.answered(answered));
  const gallery = new Gallery(api, config, toasts);
  const again = h('dialog', { class: 'sign-in-again', 'aria-label': 'Sign in again' });
  // There is no page behind the dialog to return to.
  again.addEventListener('cancel', event => event.preventDefault());

  const user = session.email;
  session.onChange(state => {
    if (state === 'expired') {
      again.replaceChildren(signIn(session, config.demoUsers));
      again.showModal();
    }
    if (state === 'signed-in' && again.open) {
      // The images of the previous user must not be visible for a moment.
      if (session.email !== user) {
        gallery.leave();
        location.reload();
        return;
      }
      again.close();
      gallery.continue();
    }
  });
  const leave = async () => {
    gallery.leave();
    await session.signOut();
    location.reload();
  };
  const out = h(
    'button',
    { type: 'button', class: 'quiet', onclick: () => void leave() },
    icon('leave'),
    'Sign out',
  );
  const who = h('span', { class: 'who' }, user ?? '');
  root.replaceChildren(
    h('a', { class: 'skip', href: '#gallery' }, 'Skip to pictures'),
    banner.element,
    h('header', { class: 'top' }, h('h1', {}, brand()), who, out),
    gallery.element,
    toasts.element,
    again,
  );
  gallery.start();
}

function unavailable(error: unknown): HTMLElement {
  const again = h(
    'button',
    { type: 'button', class: 'primary', onclick: () => location.reload() },
    'Try again',
  );
  const detail = h('p', { class: 'small-print' }, error instanceof Error ? error.message : '');
  const words = navigator.onLine ? 'The page is not set up' : 'You’re offline';
  return h(
    'main',
    { class: 'welcome' },
    h('div', { class: 'sign-in' }, brand(), h('h1', {}, words), detail, again),
  );
}
