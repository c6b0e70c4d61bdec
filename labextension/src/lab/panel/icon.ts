import { LabIcon } from '@jupyterlab/ui-components';

/** Best values going down in steps, to a dot. */
export const studiesIcon = new LabIcon({
  name: 'jupyter-hpo:studies',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 22 22">' +
    '<g class="jp-icon3 jp-icon-selectable" fill="#616161">' +
    '<path d="M2 3h7.5v5H14v6.5h2V17h-4.5v-6.5H7v-5H2z"/><circle cx="17.5" cy="15.7" r="3.3"/></g></svg>'
});
