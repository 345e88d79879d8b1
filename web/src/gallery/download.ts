/**
 * Saves a file under its own name.
 *
 * The file is held in memory, because browsers display an image of another origin instead of saving
 * it. Its size is at most `MaxImageBytes`.
 */
export async function download(url: string, name: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`the original can't be read: ${response.status}`);
  const local = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = local;
  link.download = name;
  link.click();
  // The browser has started the download by the next task.
  setTimeout(() => URL.revokeObjectURL(local));
}
