import type { DemoUser } from '../config';
import type { HostedUi } from '../session/hosted-ui';
import type { Session } from '../session/session';
import { DONE, type SignInFlow, type Step } from '../session/sign-in-flow';
import { brand, h } from './element';
import { codeField, emailField, type Field, Form, field, newPasswordField } from './form';

const TITLE = 'sign-in-title';

export interface SignInOptions {
  session: Session;
  flow: SignInFlow;
  demoUsers: DemoUser[];
  hostedUi: HostedUi | undefined;
  /** The end of a sign-in that the hosted UI has sent back to the page. */
  arrival?: () => Promise<Step>;
}

/** Content of a step's element, beside its form. */
interface Parts {
  title: string;
  note?: string;
  fields: Field[];
  submit: string;
  act: () => Promise<Step>;
  /** What follows the form. */
  more: (form: Form) => (HTMLElement | undefined)[];
}

/** The sign-in form and its further steps; the session notifies its listeners of success. */
export function signIn({ session, flow, demoUsers, hostedUi, arrival }: SignInOptions): HTMLElement {
  const root = h('div', { class: 'sign-in' });
  const first = show({ name: 'sign-in' });
  if (arrival) void first.attempt(arrival);
  return root;

  function show(step: Exclude<Step, { name: 'done' }>): Form {
    const { title, note, more, ...rest } = parts(step);
    const form = new Form({ labelledBy: TITLE, ...rest, onStep: go });
    root.replaceChildren(brand(), h('h1', { id: TITLE }, title));
    if (note) root.append(h('p', { class: 'step-note' }, note));
    root.append(form.element, ...more(form).filter(one => one !== undefined));
    return form;
  }

  function go(step: Step): void {
    if (step.name === 'done') return;
    const form = show(step);
    form.focus();
    if ('problem' in step && step.problem !== undefined) form.show(step.problem);
  }

  function parts(step: Exclude<Step, { name: 'done' }>): Parts {
    switch (step.name) {
      case 'sign-in':
        return signInParts();
      case 'new-password':
        return newPasswordParts();
      case 'sign-up':
        return signUpParts();
      case 'confirm':
        return confirmParts();
      case 'forgot':
        return forgotParts();
      case 'reset':
        return resetParts();
    }
  }

  function signInParts(): Parts {
    const email = emailField(flow.email);
    const password = field('Password', {
      type: 'password',
      name: 'password',
      autocomplete: 'current-password',
    });
    const value = () => email.input.value.trim();
    return {
      title: session.state === 'expired' ? 'Your session has ended' : 'Your pictures, in your drawer.',
      fields: [email, password],
      submit: 'Sign in',
      act: () => flow.signIn(value(), password.input.value),
      more: form => [
        links(
          link('Forgot password?', () => leave({ name: 'forgot' }, value())),
          flow.hasSignUp ? link('Create an account', () => leave({ name: 'sign-up' }, value())) : undefined,
        ),
        hostedUi && hostedUiButton(form, hostedUi),
        demoUsers.length > 0 ? demoButtons(form) : undefined,
      ],
    };
  }

  function newPasswordParts(): Parts {
    const password = newPasswordField('New password');
    return {
      title: 'Choose a password of your own',
      fields: [emailField(flow.email, 'readonly'), password],
      submit: 'Save and sign in',
      act: () => flow.choose(password.input.value),
      more: () => [links(back())],
    };
  }

  function signUpParts(): Parts {
    const email = emailField(flow.email);
    const password = newPasswordField('Password');
    return {
      title: 'Create an account',
      fields: [email, password],
      submit: 'Create account',
      act: () => flow.signUp(email.input.value.trim(), password.input.value),
      more: () => [links(back())],
    };
  }

  function confirmParts(): Parts {
    const code = codeField();
    return {
      title: 'Confirm your email',
      note: `Enter the code that was sent to ${flow.email}.`,
      fields: [code],
      submit: 'Confirm and sign in',
      act: () => flow.confirm(digits(code)),
      more: form => codeLinks(form, () => flow.resend()),
    };
  }

  function forgotParts(): Parts {
    const email = emailField(flow.email);
    return {
      title: 'Forgot your password?',
      note: 'A code to choose another is sent to your email.',
      fields: [email],
      submit: 'Send the code',
      act: () => flow.forgot(email.input.value.trim()),
      more: () => [links(back())],
    };
  }

  function resetParts(): Parts {
    const code = codeField();
    const password = newPasswordField('New password');
    return {
      title: 'Choose a new password',
      note: `If ${flow.email} has an account, a code has been sent to it.`,
      fields: [emailField(flow.email, 'readonly'), code, password],
      submit: 'Save and sign in',
      act: () => flow.reset(digits(code), password.input.value),
      more: form => codeLinks(form, () => flow.forgot(flow.email)),
    };
  }

  /** Leaves a step that the user has not finished; the email comes along. */
  function leave(step: Step, email: string): void {
    flow.email = email;
    go(step);
  }

  function back(): HTMLElement {
    return link('Back', () => go({ name: 'sign-in' }));
  }

  /** A link that sends another code without leaving the step, whose fields keep their values. */
  function codeLinks(form: Form, act: () => Promise<Step>): HTMLElement[] {
    const send = async () => {
      const next = await act();
      return next.name === 'confirm' || next.name === 'reset' ? DONE : next;
    };
    const resend = () => void form.attempt(send, 'Another code has been sent.');
    return [links(link('Send a new code', resend), back())];
  }

  function hostedUiButton(form: Form, hosted: HostedUi): HTMLElement {
    const act = async () => {
      location.assign(await hosted.begin(location.href));
      return DONE;
    };
    const attributes = {
      type: 'button',
      class: 'secondary hosted-ui',
      onclick: () => void form.attempt(act),
    };
    return h('button', attributes, 'Continue with single sign-on');
  }

  function demoButtons(form: Form): HTMLElement {
    const buttons = demoUsers.map(user => {
      const act = () => void form.attempt(() => flow.signIn(user.email, user.password));
      return h('button', { type: 'button', class: 'secondary', onclick: act }, name(user.email));
    });
    const attributes = { class: 'demo-users', role: 'group', 'aria-labelledby': 'demo-users' };
    return h('div', attributes, h('p', { id: 'demo-users' }, 'Try it as'), ...buttons);
  }
}

function links(...children: (HTMLElement | undefined)[]): HTMLElement {
  return h('div', { class: 'step-links' }, ...children);
}

function link(text: string, act: () => void): HTMLElement {
  return h('button', { type: 'button', class: 'text-button', onclick: act }, text);
}

/** The code, without the spaces that a copy may have. */
function digits({ input }: Field): string {
  return input.value.replace(/\s/g, '');
}

/** The display name of an address: `Alice` for `alice@example.com`. */
function name(email: string): string {
  return email.charAt(0).toUpperCase() + (email.split('@')[0] ?? '').slice(1);
}
