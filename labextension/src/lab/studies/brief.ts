/** Studies in a line each: what kernels and the server tell of them, and how they are listed. */
import type { Float, StudyState } from '../../view/protocol';

export type Verb = 'pause' | 'resume' | 'stop';

/** What both tell; the Python halves are `jupyter_hpo/view/brief.py` and `server/shelf.py`. */
interface Told {
  uid: string;
  name: string;
  notebook: string;
  run: number;
  metric: string;
  maximize: boolean;
  created: number;
  aim: number | null;
  state: StudyState;
  message: string;
  done: number;
  best: Float | null;
  /** numbers and values of trials that led when they ended */
  leaders: [number[], Float[]];
}

/** A study that a kernel has. */
export interface Live extends Told {
  failed: number;
  /** seconds it ran in earlier sittings, and since when this one lasts (s since the epoch) */
  elapsed: number;
  since: number | null;
  /** whether the kernel can steer it: run, park, go on */
  live: boolean;
  asked: '' | 'pause' | 'skip' | 'stop';
  /** whether all of it is in a file, and not in the kernel's memory alone */
  stored: boolean;
}

/** A study in a file. */
export interface Stored extends Told {
  id: number;
  /** whether some kernel holds it */
  alive: boolean;
  /** whether it cannot be read; `message` says why */
  broken: boolean;
}

/** Where a stored study is: the folder as the contents API calls it, and its number there. */
export interface Place {
  folder: string;
  id: number;
}

/** A study as it is listed. */
export interface Listed extends Told {
  /** the notebook as the contents API calls it */
  path: string;
  live: Live | null;
  place: Place | null;
  broken: boolean;
  /** whether another kernel, which this page does not see, holds it */
  elsewhere: boolean;
}

/** The studies of a notebook, the latest run of each with those before it. */
export interface Group {
  path: string;
  studies: { latest: Listed; earlier: Listed[] }[];
}

/** What a kernel has, and the path of the notebook it belongs to; "" if it belongs to none. */
export interface Kernel {
  path: string;
  studies: readonly Live[];
}

/** What is stored in a folder, and whether there are older ones. */
export interface Folder {
  path: string;
  studies: readonly Stored[];
  more: boolean;
}

/** All studies, each once: a kernel knows better than the file. */
export function listed(kernels: readonly Kernel[], folders: readonly Folder[]): Listed[] {
  const found = new Map<string, Listed>();
  for (const { path, studies } of kernels) {
    for (const study of studies) {
      const extra = { live: study, place: null, broken: false, elsewhere: false };
      found.set(study.uid, { ...study, ...extra, path: path || study.notebook });
    }
  }
  for (const { path, studies } of folders) {
    for (const study of studies) {
      const place = { folder: path, id: study.id };
      const known = found.get(study.uid);
      if (known) {
        known.place = place;
      } else {
        const { broken } = study;
        const at = { path: joined(path, study.notebook), place, broken };
        found.set(study.uid, { ...study, ...at, live: null, elsewhere: study.alive });
      }
    }
  }
  return [...found.values()];
}

/** By notebook: those with a study that runs or is paused first, then by the newest study. */
export function grouped(studies: readonly Listed[]): Group[] {
  const newest = [...studies].sort((a, b) => b.created - a.created || b.run - a.run);
  const groups = new Map<string, Map<string, Listed[]>>();
  for (const study of newest) {
    const group = groups.get(study.path) ?? new Map<string, Listed[]>();
    groups.set(study.path, group);
    group.set(study.name, [...(group.get(study.name) ?? []), study]);
  }
  const made = [...groups].map(([path, names]) => {
    const runs = [...names.values()].map(([latest, ...earlier]) => ({ latest: latest!, earlier }));
    return { path, studies: firstLive(runs, each => isLive(each.latest)) };
  });
  return firstLive(made, group => group.studies.some(each => isLive(each.latest)));
}

/** Those whose name, or whose notebook's path, has a text in it. */
export function sifted(groups: readonly Group[], text: string): Group[] {
  const wanted = text.trim().toLowerCase();
  const has = (name: string): boolean => name.toLowerCase().includes(wanted);
  return groups.flatMap(({ path, studies }) => {
    const found = has(path) ? studies : studies.filter(({ latest }) => has(latest.name));
    return found.length ? [{ path, studies: found }] : [];
  });
}

function firstLive<T>(all: readonly T[], live: (each: T) => boolean): T[] {
  return [...all.filter(live), ...all.filter(each => !live(each))];
}

/** Whether it runs, or is paused in a kernel: whether there is something to steer. */
export function isLive({ live }: Listed): boolean {
  return live !== null && live.live && (live.state === 'running' || live.state === 'paused');
}

/** What can be asked for now. */
export function verbs(study: Listed): Verb[] {
  if (!isLive(study) || study.live!.asked === 'stop') {
    return [];
  }
  return study.state === 'paused' ? ['resume', 'stop'] : ['pause', 'stop'];
}

const STATES: Record<Verb, readonly StudyState[]> = {
  pause: ['running'],
  resume: ['paused'],
  stop: ['running', 'paused']
};

/**
 * The study that a command means, of those that a kernel runs or has parked, by their age: one of
 * the active cell's if it has such (`own`, by uid), else of all; the latest that it fits.
 */
export function meant(live: readonly Live[], own: readonly string[], verb: Verb): Live | undefined {
  const mine = live.filter(each => own.includes(each.uid));
  return (mine.length ? mine : live).filter(each => STATES[verb].includes(each.state)).at(-1);
}

/** How much of it is done, in [0, 1]; null where that is not known. */
export function share({ aim, done }: Pick<Told, 'aim' | 'done'>): number | null {
  return aim === null || aim <= 0 ? null : Math.min(done / aim, 1);
}

/** The study whose progress is told where there is room for one: that runs, and began last. */
export function foremost(studies: readonly Listed[]): Listed | null {
  const running = studies.filter(each => isLive(each) && each.state === 'running');
  return running.sort((a, b) => b.created - a.created)[0] ?? null;
}

/** Seconds it has run, at `now` (s since the epoch). */
export function ran({ elapsed, since }: Live, now: number): number {
  return elapsed + (since === null ? 0 : Math.max(now - since, 0));
}

export function joined(folder: string, name: string): string {
  return folder && name ? `${folder}/${name}` : folder || name;
}

/** The folder that a file is in, "" for the topmost; and the file's own name. */
export function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}
