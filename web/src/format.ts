/** Formats a size in decimal units, as file managers do: `829 kB`, `1.2 MB`, `10.7 GB`. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} bytes`;
  if (count >= 999_500_000) return `${(count / 1e9).toFixed(1).replace('.0', '')} GB`;
  const [value, unit] = count < 999_500 ? [count / 1e3, 'kB'] : [count / 1e6, 'MB'];
  return `${value < 10 && unit === 'MB' ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** Formats a date in the browser's locale. */
export function dateAndTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(time),
  );
}

/** Formats the time between two instants: `1.2 s`. */
export function duration(from: string, to: string): string {
  return `${Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000).toFixed(1)} s`;
}

/** Formats the time of a camera's clock, whatever the time zone of the browser. */
export function localDateAndTime(time: string): string {
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  }).format(new Date(`${time.slice(0, 19)}Z`));
}

/** Formats a camera. Many models begin with their maker's name. */
export function camera(make: string | undefined, model: string | undefined): string | undefined {
  if (make === undefined || model?.toLowerCase().startsWith(make.toLowerCase())) return model;
  return [make, model].filter(Boolean).join(' ');
}
