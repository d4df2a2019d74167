/** Markup that needs no more escaping. */
export interface Html {
  readonly markup: string;
}

type Content = string | number | Html | null | readonly Content[];

/** Markup with every value in it escaped, but for what is markup itself; nothing for null. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return { markup: strings.reduce((text, part, i) => text + render(values[i - 1] ?? null) + part) };
}

/** Text that is markup already. */
export function raw(markup: string): Html {
  return { markup };
}

function render(content: Content): string {
  if (content === null) return '';
  if (typeof content === 'object') {
    return 'markup' in content ? content.markup : content.map(render).join('');
  }
  return String(content).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
