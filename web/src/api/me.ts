import { Members } from '../parse';

/** The caller: what they store, and may store. */
export interface Me {
  /** Absent where the system has no quotas. */
  usage: { bytes: number; images: number } | undefined;
  /** Absent where there is no limit. */
  maxBytes: number | undefined;
  maxImages: number | undefined;
}

export function parseMe(value: unknown): Me {
  const members = new Members(value, 'me');
  const usage = members.value('usage') === null ? undefined : members.object('usage');
  const quota = members.object('quota');
  const limit = (name: string) => (quota.value(name) === null ? undefined : quota.number(name));
  return {
    usage: usage && { bytes: usage.number('bytes'), images: usage.number('images') },
    maxBytes: limit('maxBytes'),
    maxImages: limit('maxImages'),
  };
}
