/** What of the editor's help the user wants. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

/** The plugin whose settings these are, `schema/editor.json`. */
export const EDITOR = 'jupyter-hpo:editor';

export interface Wanted {
  highlight: boolean;
  badges: boolean;
  diagnostics: boolean;
  hover: boolean;
  completion: boolean;
  makeTunable: boolean;
}

const ALL: Wanted = {
  highlight: true,
  badges: true,
  diagnostics: true,
  hover: true,
  completion: true,
  makeTunable: true
};

export class EditorSettings {
  private readonly signal = new Signal<this, void>(this);
  private current: Wanted = ALL;

  get wanted(): Wanted {
    return this.current;
  }

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** Follow the user's settings; without a registry all is wanted. */
  async follow(registry: ISettingRegistry | null): Promise<void> {
    const settings = await registry?.load(EDITOR);
    const take = (): void => {
      this.current = { ...ALL, ...(settings?.composite as Partial<Wanted>) };
      this.signal.emit();
    };
    settings?.changed.connect(take);
    take();
  }
}
