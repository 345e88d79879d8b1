import { Api } from './api/api';
import { type Config, parseConfig } from './config';
import { Gallery } from './gallery/gallery';
import { HostedUi, isReturn, withoutReturn } from './session/hosted-ui';
import { Session } from './session/session';
import { DONE, SignInFlow, type Step } from './session/sign-in-flow';
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
  const pool = new UserPool(config);
  const session = new Session(pool, sessionStorage);
  const { hostedUiUrl: url, clientId } = config;
  const hostedUi = url ? new HostedUi({ url, clientId }, sessionStorage) : undefined;
  const access: Access = { session, hostedUi, signIn: arrival => signInForm(access, pool, config, arrival) };
  const arrival = hostedUi && arrivalFrom(hostedUi, session);
  if (session.state === 'signed-in') return showGallery(root, config, access);
  root.replaceChildren(h('main', { class: 'welcome' }, access.signIn(arrival)));
  session.onChange(state => {
    if (state === 'signed-in') showGallery(root, config, access);
  });
}

/** What the gallery needs to sign a user in and out. */
interface Access {
  session: Session;
  hostedUi: HostedUi | undefined;
  /** A new sign-in form. */
  signIn(arrival?: () => Promise<Step>): HTMLElement;
}

function signInForm(
  { session, hostedUi }: Access,
  pool: UserPool,
  config: Config,
  arrival?: () => Promise<Step>,
): HTMLElement {
  const flow = new SignInFlow(session, pool, config);
  return signIn({ session, flow, demoUsers: config.demoUsers, hostedUi, arrival });
}

/**
 * The end of the sign-in that the hosted UI sends back to this page. The code is removed from the
 * address at once.
 */
function arrivalFrom(hostedUi: HostedUi, session: Session): (() => Promise<Step>) | undefined {
  const address = location.href;
  const hasReturned = isReturn(address);
  if (hasReturned) history.replaceState(null, '', withoutReturn(address));
  if (!hasReturned || session.state === 'signed-in') {
    hostedUi.forget();
    return undefined;
  }
  return async () => {
    session.start(await hostedUi.finish(address), 'hosted-ui');
    return DONE;
  };
}

let isShown = false;

function showGallery(root: HTMLElement, config: Config, { session, hostedUi, signIn }: Access): void {
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
      again.replaceChildren(signIn());
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
    if (hostedUi && session.origin === 'hosted-ui') {
      location.assign(hostedUi.signOutAddress(location.href));
    } else {
      location.reload();
    }
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
