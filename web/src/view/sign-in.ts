import type { DemoUser } from '../config';
import type { Session } from '../session/session';
import type { NewPasswordNeeded } from '../session/user-pool';
import { signInWords } from '../session/words';
import { brand, h } from './element';

/** The sign-in form; the session notifies its listeners of success. */
export function signIn(session: Session, demoUsers: DemoUser[]): HTMLElement {
  const problem = h('p', { class: 'form-problem', role: 'alert' });
  const email = field('Email', {
    type: 'email',
    name: 'email',
    autocomplete: 'username',
    value: session.email ?? '',
  });
  const password = field('Password', {
    type: 'password',
    name: 'password',
    autocomplete: 'current-password',
  });
  const submit = h('button', { class: 'primary' }, 'Sign in');
  const form = h('form', { class: 'sign-in-form' }, email.label, password.label, problem, submit);
  const demos = demoUsers.map(user => {
    const act = () => void attempt(() => session.signIn(user.email, user.password));
    return h('button', { type: 'button', class: 'secondary', onclick: act }, name(user.email));
  });

  let needed: NewPasswordNeeded | undefined;
  form.addEventListener('submit', event => {
    event.preventDefault();
    const { value } = password.input;
    const chosen = needed;
    void attempt(async () => {
      if (!chosen) return session.signIn(email.input.value.trim(), value);
      await chosen.choose(value);
      return undefined;
    });
  });

  async function attempt(act: () => Promise<NewPasswordNeeded | undefined>): Promise<void> {
    problem.textContent = '';
    setBusy(true);
    try {
      needed = await act();
      if (needed) askForNewPassword();
    } catch (error) {
      problem.textContent = signInWords(error);
    } finally {
      setBusy(false);
    }
  }

  function askForNewPassword(): void {
    password.caption.textContent = 'New password';
    password.input.value = '';
    password.input.autocomplete = 'new-password';
    submit.textContent = 'Save and sign in';
    problem.textContent = 'Choose a password of your own.';
    password.input.focus();
  }

  function setBusy(isBusy: boolean): void {
    for (const button of [submit, ...demos]) button.disabled = isBusy;
    form.setAttribute('aria-busy', String(isBusy));
  }

  const title = session.state === 'expired' ? 'Your session has ended' : 'Your pictures, in your drawer.';
  return h(
    'div',
    { class: 'sign-in' },
    brand(),
    h('h1', {}, title),
    form,
    demos.length > 0
      ? h(
          'div',
          { class: 'demo-users', role: 'group', 'aria-labelledby': 'demo-users' },
          h('p', { id: 'demo-users' }, 'Try it as'),
          ...demos,
        )
      : undefined,
  );
}

/** The display name of an address: `Alice` for `alice@example.com`. */
function name(email: string): string {
  return email.charAt(0).toUpperCase() + (email.split('@')[0] ?? '').slice(1);
}

function field(text: string, attributes: Record<string, string>) {
  const caption = h('span', {}, text);
  const input = h('input', { required: true, ...attributes });
  return { caption, input, label: h('label', {}, caption, input) };
}
