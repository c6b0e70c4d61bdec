import type { Kernel } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';
import { openLine } from './kernel';
import { KernelLink } from './studies/link';

/** A kernel's connection that notes what is sent. */
function connection(): { kernel: Kernel.IKernelConnection; sent: string[]; become(status: Kernel.Status): void } {
  const sent: string[] = [];
  const hearers: ((sender: unknown, status: Kernel.Status) => void)[] = [];
  const signal = { connect: () => true, disconnect: () => true };
  const noted = (what: string) => () => void sent.push(what);
  const kernel = {
    status: 'busy',
    isDisposed: false,
    connectionStatus: 'connected',
    iopubMessage: signal,
    connectionStatusChanged: signal,
    statusChanged: {
      ...signal,
      connect: (hear: (typeof hearers)[number], that: unknown) => hearers.push(hear.bind(that))
    },
    registerCommTarget: () => undefined,
    requestCommInfo: () => Promise.resolve({ content: { comms: {} } }),
    createComm: () => ({
      isDisposed: false,
      open: noted('comm_open'),
      send: noted('comm_msg'),
      close: noted('comm_close')
    }),
    sendShellMessage: ({ header }: { header: { msg_type: string } }) => void sent.push(header.msg_type)
  };
  const become = (status: Kernel.Status): void => {
    kernel.status = status;
    hearers.forEach(hear => hear(kernel, status));
  };
  return { kernel: kernel as unknown as Kernel.IKernelConnection, sent, become };
}

const LINES = {
  'of a notebook': (kernel: Kernel.IKernelConnection) => openLine(kernel, 'a', () => undefined, () => undefined),
  'of the panel': (kernel: Kernel.IKernelConnection) =>
    new KernelLink(kernel, 'a.ipynb', () => undefined).dial('a', () => undefined, () => undefined)
};

describe.each(Object.entries(LINES))('a line %s', (_, open) => {
  it.each(['restarting', 'autorestarting', 'dead'] as const)('is closed in silence when the kernel is %s', status => {
    const { kernel, sent, become } = connection();
    const line = open(kernel);
    become(status);
    line.close();
    expect(sent).toEqual(['comm_open']);
  });

  it('is closed at a living kernel', () => {
    const { kernel, sent } = connection();
    open(kernel).close();
    expect(sent).toEqual(['comm_open', 'comm_close']);
  });
});
