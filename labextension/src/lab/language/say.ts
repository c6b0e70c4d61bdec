/** Translates what is said to the user; JupyterLab's translation bundles are such. */
export interface Translates {
  __(text: string, ...more: unknown[]): string;
}

/** Says it in English. */
export const ENGLISH: Translates = {
  __: (text, ...more) => text.replace(/%(\d)/g, (_, place: string) => String(more[Number(place) - 1]))
};
