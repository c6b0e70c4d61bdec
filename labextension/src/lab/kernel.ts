/** Comms to the kernel that has a study. They are answered while it is busy, too. */
import type { Kernel } from '@jupyterlab/services';
import type { Ask, FromKernel, Line, ToKernel } from '../view.js';

const TARGET = 'jupyter_hpo.study';
const PATIENCE = 10_000; // ms for an answer

/**
 * Whether a kernel is about to be another, or none. Nothing may be sent to it then, not even that a
 * comm is closed: the server would still be trying to deliver that when the page connects to the
 * next one, as the same client, and the next kernel hears only the first of two of one name.
 */
export function isLeaving(status: Kernel.Status): boolean {
  return status === 'restarting' || status === 'autorestarting' || status === 'dead';
}

/** Open a line to a study. */
export function openLine(
  kernel: Kernel.IKernelConnection,
  uid: string,
  hear: (message: FromKernel) => void,
  broken: (why: string) => void
): Line {
  const comm = kernel.createComm(TARGET);
  comm.onMsg = message => hear(message.content.data as unknown as FromKernel);
  comm.onClose = () => broken('this kernel does not have it');
  comm.open({ uid });
  return {
    send: (message: ToKernel) => void (comm.isDisposed || comm.send({ ...message })),
    close: () => void (comm.isDisposed || kernel.isDisposed || isLeaving(kernel.status) || comm.close())
  };
}

/**
 * Ask a study one thing. Rejects with a sentence for the user if the kernel does not have it,
 * refuses or does not answer.
 */
export function ask<T>(
  kernel: Kernel.IKernelConnection,
  uid: string,
  question: Ask,
  patience = PATIENCE
): Promise<T> {
  const id = `lab-${Math.random().toString(36).slice(2)}`;
  return new Promise<T>((resolve, reject) => {
    let ended = false; // closing a comm says that it is closed
    const end = (settle: () => void): void => {
      if (!ended) {
        ended = true;
        clearTimeout(late);
        settle();
        line.close();
      }
    };
    const late = setTimeout(
      () => end(() => reject(new Error('The kernel has not answered.'))),
      patience
    );
    const hear = (message: FromKernel): void => {
      if (message.kind === 'reply' && message.id === id) {
        end(() =>
          'error' in message ? reject(new Error(message.error)) : resolve(message.data as T)
        );
      }
    };
    const line = openLine(kernel, uid, hear, () => end(() => reject(new Error('The kernel does not have this study.'))));
    line.send({ kind: 'ask', id, ...question });
  });
}
