import { PASSWORD_RULES, unmetRules } from '../session/password-policy';
import type { Step } from '../session/sign-in-flow';
import { signInWords } from '../session/words';
import { h } from './element';

export interface Field {
  element: HTMLElement;
  input: HTMLInputElement;
  /** What is wrong with the value, before it is sent. */
  complaint?: () => string | undefined;
}

interface FormOptions {
  /** The id of the heading, which a screen reader reads when the focus enters the form. */
  labelledBy: string;
  fields: Field[];
  submit: string;
  act: () => Promise<Step>;
  onStep: (step: Step) => void;
}

/** A form of one step: fields, a button, and a message about what went wrong. */
export class Form {
  readonly element: HTMLFormElement;
  readonly #fields: Field[];
  readonly #problem = h('p', { class: 'form-problem', role: 'alert' });
  readonly #notice = h('p', { class: 'form-notice', role: 'status' });
  readonly #onStep: (step: Step) => void;

  constructor({ labelledBy, fields, submit, act, onStep }: FormOptions) {
    this.#fields = fields;
    this.#onStep = onStep;
    this.element = h(
      'form',
      { class: 'sign-in-form', 'aria-labelledby': labelledBy },
      ...fields.map(field => field.element),
      this.#problem,
      this.#notice,
      h('button', { class: 'primary' }, submit),
    );
    this.element.addEventListener('submit', event => {
      event.preventDefault();
      if (this.#isComplete()) void this.attempt(act);
    });
  }

  /** Does something with all buttons of the step disabled, and shows the error if it fails. */
  async attempt(act: () => Promise<Step>, notice?: string): Promise<void> {
    this.#problem.textContent = '';
    this.#notice.textContent = '';
    // A button that is disabled loses the focus.
    const focused = document.activeElement;
    this.#setBusy(true);
    try {
      const step = await act();
      this.#setBusy(false);
      this.#notice.textContent = notice ?? '';
      this.#onStep(step);
    } catch (error) {
      this.#setBusy(false);
      this.show(error);
    }
    if (focused instanceof HTMLElement && document.activeElement === document.body) {
      focused.focus();
    }
  }

  /** Shows an error. */
  show(error: unknown): void {
    this.#problem.textContent = signInWords(error);
  }

  /** Moves the focus to the first field that can be filled in. */
  focus(): void {
    const fields = this.#fields.map(field => field.input).filter(input => !input.readOnly);
    (fields.find(input => input.value === '') ?? fields[0])?.focus();
  }

  #isComplete(): boolean {
    for (const { input, complaint } of this.#fields) {
      const words = complaint?.();
      input.setAttribute('aria-invalid', String(words !== undefined));
      if (words === undefined) continue;
      this.#notice.textContent = '';
      this.#problem.textContent = words;
      input.focus();
      return false;
    }
    return true;
  }

  #setBusy(isBusy: boolean): void {
    const step = this.element.parentElement ?? this.element;
    for (const button of step.querySelectorAll('button')) button.disabled = isBusy;
    this.element.setAttribute('aria-busy', String(isBusy));
  }
}

export function field(label: string, attributes: Record<string, string | boolean>): Field {
  const input = h('input', { required: true, ...attributes });
  return { element: h('label', {}, h('span', {}, label), input), input };
}

/** The email, for the user to fill in, or `readonly` for the password manager to see. */
export function emailField(value: string, readonly = ''): Field {
  const attributes = { type: 'email', name: 'email', autocomplete: 'username', value };
  return field('Email', { ...attributes, readonly: readonly === 'readonly' });
}

export function codeField(): Field {
  return field('Code', {
    type: 'text',
    name: 'code',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
}

/** A new password, with the rules that it does not meet yet. */
export function newPasswordField(label: string): Field {
  const id = 'password-rules';
  const { element, input } = field(label, {
    type: 'password',
    name: 'new-password',
    autocomplete: 'new-password',
    'aria-describedby': id,
  });
  const rules = PASSWORD_RULES.map(rule => ({ rule, item: h('li', {}, rule.words) }));
  input.addEventListener('input', () => {
    for (const { rule, item } of rules) item.classList.toggle('is-met', rule.isMet(input.value));
  });
  const list = h('ul', { class: 'password-rules', id }, ...rules.map(({ item }) => item));
  const complaint = () => {
    const unmet = unmetRules(input.value);
    return unmet.length === 0 ? undefined : `The password still needs: ${unmet.join(', ')}.`;
  };
  return { element: h('div', { class: 'new-password' }, element, list), input, complaint };
}
