/** Puts text on the clipboard; false if the page may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

/** For pages that are served without encryption, which have no clipboard of the new kind. */
function copyOldWay(text: string): boolean {
  const before = focused();
  const area = document.createElement('textarea');
  area.value = text;
  area.style.cssText = 'position:fixed;top:0;left:0;opacity:0';
  document.body.append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    before?.focus({ preventScroll: true });
  }
}

function focused(): HTMLElement | null {
  let here = document.activeElement;
  while (here?.shadowRoot?.activeElement) {
    here = here.shadowRoot.activeElement;
  }
  return here instanceof HTMLElement ? here : null;
}
