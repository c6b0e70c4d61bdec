/** The view as an anywidget module, and for studies that notebooks have kept. */
import { KeptHost, type Host } from './data/host';
import { OpenHost } from './data/open';
import { mount } from './mount';
import type { FromKernel, Saved, ToKernel } from './protocol';

/** What of anywidget's model is used. */
interface Model {
  send(content: unknown): void;
  on(event: string, handle: (content: unknown) => void): void;
  off(event: string, handle: (content: unknown) => void): void;
}

function hostOf(model: Model): Host {
  return {
    live: true,
    lost: '',
    send: (message: ToKernel) => model.send(message),
    listen: (handle: (message: FromKernel) => void) => {
      const on = handle as (content: unknown) => void;
      model.on('msg:custom', on);
      return () => model.off('msg:custom', on);
    }
  };
}

function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  return mount(el, hostOf(model));
}

/**
 * Show a kept study: through `host` it can be renewed, and connected to its kernel. `keep` is given
 * what the notebook is to have in its place.
 */
export function mountKept(
  el: HTMLElement,
  saved: Saved,
  keep?: (bundle: unknown) => void
): { host: KeptHost; unmount: () => void } {
  const host = new KeptHost(saved, keep);
  return { host, unmount: mount(el, host) };
}

/** Show a study that is in no notebook: `host` is told where it comes from. */
export function mountOpen(el: HTMLElement, uid: string): { host: OpenHost; unmount: () => void } {
  const host = new OpenHost(uid);
  return { host, unmount: mount(el, host) };
}

export type { OpenHost, Reader } from './data/open';
export type { Dial, KeptHost, Line } from './data/host';
export type { Ask, FromKernel, Info, Saved, ToKernel, WireTrial } from './protocol';

export default { render };
