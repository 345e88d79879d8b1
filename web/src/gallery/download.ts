/**
 * Saves a file under its own name.
 *
 * By way of memory, because browsers show a picture of another origin instead of saving it; it has
 * `MaxImageBytes` at most.
 */
export async function download(url: string, name: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the original can't be read: ${response.status}`);
  const local = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = local;
  link.download = name;
  link.click();
  // The browser has taken it over by the next turn.
  setTimeout(() => URL.revokeObjectURL(local));
}
