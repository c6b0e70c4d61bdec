import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useView } from '../context';
import type { TrialDetail, Verb } from '../protocol';
import { code } from './code';
import { CopyButton } from './copy';
import { EditForm } from './forms/edit';
import { TryForm } from './forms/try';
import { Icon } from './icons';
import { useRequests, type Requests } from './requests';
import { doing, isOver, steering } from './steering';
import { ToolButton, useRoving } from './toolbar';

const TIPS = {
  pause: 'Park the running trial where it stands; the kernel is yours',
  resume: 'Go on from the very line, in the background',
  skip: 'End this trial and go on with the next',
  stop: 'End the study and keep everything',
  try: 'Choose values yourself; they are tried next',
  edit: 'Change ranges and choices for the trials to come',
  use: 'Set the notebook’s variables to the best values',
  none: 'No trial has a value yet',
  copy: 'Copy the best values as assignments, for a cell'
} as const;

type Form = '' | 'try' | 'edit';

/** The toolbar of a study, and the form that it has opened. */
export function Controls(): JSX.Element | null {
  const { study, asker } = useView();
  const requests = useRequests();
  const [form, setForm] = useState<Form>('');
  const bar = useRef<HTMLDivElement>(null);
  const over = !asker.live || isOver(study.info.value);
  const roving = useRoving(bar);
  useKeptFocus(bar, over);
  if (!asker.live && !study.glance.value.best) {
    return null;
  }
  const close = (): void => {
    setForm('');
    bar.current?.querySelector<HTMLElement>(`[data-name=${form}]`)?.focus();
  };
  return (
    <div class="jhpo-steer">
      <div ref={bar} class="jhpo-controls" role="toolbar" aria-label="Study" {...roving}>
        {!over && <Steering requests={requests} form={form} setForm={setForm} />}
        {asker.live && <UseBest requests={requests} />}
        {over && <CopyBest />}
        {asker.live && <Told requests={requests} />}
      </div>
      {!over && form === 'try' && <TryForm close={close} />}
      {!over && form === 'edit' && <EditForm close={close} />}
    </div>
  );
}

interface SteeringProps {
  requests: Requests;
  form: Form;
  setForm: (form: Form) => void;
}

function Steering({ requests, form, setForm }: SteeringProps): JSX.Element {
  const { study } = useView();
  const info = study.info.value;
  const running = study.glance.value.running[0]?.n;
  const { toggle, off } = steering(info, running);
  const ask = (what: Verb) => () => {
    const question = what === 'skip' ? { what, number: running ?? null } : { what };
    requests.send(question, doing(what, running));
  };
  const flip = (name: Form) => () => setForm(form === name ? '' : name);
  return (
    <>
      <ToolButton
        name="toggle"
        wide
        primary={toggle === 'resume'}
        off={off.toggle}
        title={TIPS[toggle]}
        onClick={ask(toggle)}
      >
        <Icon name={toggle} />
        {toggle === 'pause' ? 'Pause' : 'Resume'}
      </ToolButton>
      <ToolButton name="skip" wide off={off.skip} title={TIPS.skip} onClick={ask('skip')}>
        <Icon name="skip" />
        Skip
      </ToolButton>
      <ToolButton name="stop" wide off={off.stop} title={TIPS.stop} onClick={ask('stop')}>
        <Icon name="stop" />
        Stop
      </ToolButton>
      <span class="jhpo-gap" />
      <ToolButton
        name="try"
        off={off.shape}
        expanded={form === 'try'}
        title={TIPS.try}
        onClick={flip('try')}
      >
        Try…
      </ToolButton>
      <ToolButton
        name="edit"
        off={off.shape}
        expanded={form === 'edit'}
        title={TIPS.edit}
        onClick={flip('edit')}
      >
        Edit space
      </ToolButton>
    </>
  );
}

function UseBest({ requests }: { requests: Requests }): JSX.Element {
  const { study } = useView();
  const none = study.glance.value.best === null;
  return (
    <ToolButton
      name="use"
      off={none}
      title={none ? TIPS.none : TIPS.use}
      onClick={() => requests.send({ what: 'use' }, 'setting the variables…')}
    >
      Use best
    </ToolButton>
  );
}

function CopyBest(): JSX.Element | null {
  const { study, asker } = useView();
  const { best } = study.glance.value;
  if (!best) {
    return null;
  }
  const text = (): Promise<string> =>
    asker.ask<TrialDetail>({ what: 'trial', number: best.n }).then(
      detail => detail.code,
      () => code(best, study.columns.value)
    );
  return <CopyButton label="Copy best as code" title={TIPS.copy} text={text} name="copy" />;
}

/** Beside the buttons: what is under way, what came of it, what went wrong. */
function Told({ requests }: { requests: Requests }): JSX.Element {
  const { study } = useView();
  const info = study.info.value;
  const { pending, answer, problem, dismiss } = requests;
  const said = isOver(info) ? '' : info.message;
  // while it does what it was asked to, the kernel knows best what that waits for
  const why = info.asked ? said : '';
  const asked = doing(info.asked, study.glance.value.running[0]?.n);
  const now = why || pending || asked || answer || said;
  return (
    <div class="jhpo-told">
      <span role="status" title={now}>
        {problem ? '' : now}
      </span>
      {problem && (
        <span class="jhpo-problem" role="alert">
          <span aria-hidden="true">✕ </span>
          {problem}{' '}
          <button type="button" class="jhpo-link" onClick={dismiss}>
            Dismiss
          </button>
        </span>
      )}
    </div>
  );
}

/** When buttons go as the study ends, the focus does not go with them. */
function useKeptFocus(bar: { current: HTMLElement | null }, over: boolean): void {
  const held = useRef(false);
  const before = useRef(over);
  const root = bar.current?.getRootNode() as ShadowRoot | undefined;
  if (before.current === over) {
    held.current = bar.current?.contains(root?.activeElement ?? null) ?? false;
  }
  useLayoutEffect(() => {
    const gone = !bar.current?.contains(root?.activeElement ?? null);
    if (before.current !== over && held.current && gone) {
      bar.current?.querySelector('button')?.focus();
    }
    before.current = over;
  });
}
