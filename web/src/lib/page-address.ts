/**
 * The address of the open page, changed from within. A change takes effect only some milliseconds after it was asked for; what is
 * chosen in that moment must build on it and not on the address as it still is, or it would take the first choice back.
 */
import { goto } from "$app/navigation";
import { page } from "$app/state";

/** Where the page is on its way to. */
let coming: URL | null = null;

/** The address that the next change builds on: of this page, with whatever was chosen already. It is the caller's to change. */
export function pageAddress(): URL {
  return new URL(coming?.pathname === page.url.pathname ? coming.href : page.url.href);
}

/**
 * Changes the page's own address and leaves what is scrolled to and has the focus where it is.
 * @param address an URL, a path, or a query from `?` on
 * @param replace whether the address before is no step to go back to, as when something is typed
 */
export async function changeAddress(address: string | URL, replace = false): Promise<void> {
  const wanted = new URL(address, page.url.href);
  coming = wanted;
  try {
    await goto(wanted, { replace, reset: false });
  } finally {
    if (coming === wanted) coming = null;
  }
}
