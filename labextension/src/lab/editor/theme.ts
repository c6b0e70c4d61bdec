/** How it looks, in the colours of JupyterLab's theme. */
import { EditorView } from '@codemirror/view';
import type { Extension } from '@codemirror/state';

const ACCENT = 'var(--jp-brand-color1)';
const QUIET = 'var(--jp-ui-font-color2)';
const SMALL = 'var(--jp-ui-font-size0)';

export const theme: Extension = EditorView.baseTheme({
  '.jp-HpoMagic, .jp-HpoMagic *': { color: `${ACCENT} !important`, fontWeight: '600' },
  '.jp-HpoStudyName, .jp-HpoStudyName *': { color: 'var(--jp-mirror-editor-variable-color) !important', fontWeight: '600' },
  '.jp-HpoFlag, .jp-HpoFlag *': {
    color: 'var(--jp-mirror-editor-keyword-color) !important',
    fontWeight: 'normal'
  },
  '.jp-HpoValue, .jp-HpoValue *': {
    color: 'var(--jp-mirror-editor-string-color) !important',
    fontWeight: 'normal'
  },
  '.jp-HpoLine': { boxShadow: `inset 2px 0 0 ${ACCENT}` },
  '.jp-HpoName, .jp-HpoName *': { color: `${ACCENT} !important`, fontWeight: '600' },
  '.jp-HpoBadge': {
    display: 'inline-flex',
    alignItems: 'center',
    gap: '6px',
    marginLeft: '18px',
    padding: '0 8px',
    borderRadius: '9px',
    height: '17px',
    verticalAlign: 'text-bottom',
    whiteSpace: 'nowrap',
    userSelect: 'none',
    cursor: 'default',
    font: `${SMALL} / 17px var(--jp-ui-font-family)`,
    color: QUIET,
    background: 'var(--jp-layout-color2)'
  },
  '.jp-HpoBadge svg': { display: 'block', overflow: 'visible' },
  '.jp-HpoBadge line': { stroke: 'var(--jp-ui-font-color3)', strokeWidth: '1' },
  '.jp-HpoBadge circle': { fill: 'var(--jp-ui-font-color3)' },
  '.jp-HpoBadge circle.jp-mod-set': { fill: ACCENT },
  '.jp-HpoBadge-word': { fontWeight: '600' },
  '.jp-HpoHelp': {
    maxWidth: '460px',
    maxHeight: '320px',
    overflow: 'auto',
    padding: '8px 12px',
    font: 'var(--jp-ui-font-size1) / 1.5 var(--jp-ui-font-family)',
    color: 'var(--jp-ui-font-color1)'
  },
  '.jp-HpoHelp code': { fontFamily: 'var(--jp-code-font-family)', fontSize: '0.95em' },
  '.jp-HpoHelp-title': { fontWeight: '600', whiteSpace: 'pre-wrap' },
  '.jp-HpoHelp p': { margin: '4px 0 0' },
  '.jp-HpoHelp dl': {
    display: 'grid',
    gridTemplateColumns: 'max-content 1fr',
    gap: '2px 12px',
    margin: '8px 0 0'
  },
  '.jp-HpoHelp dt': { fontFamily: 'var(--jp-code-font-family)', fontSize: '0.95em' },
  '.jp-HpoHelp dd': { margin: '0', color: QUIET },
  '.cm-tooltip:has(.jp-HpoHelp), .cm-tooltip.cm-tooltip-lint, .cm-tooltip:has(.cm-diagnostic)': {
    background: 'var(--jp-layout-color1)',
    color: 'var(--jp-ui-font-color1)',
    border: '1px solid var(--jp-border-color1)',
    borderRadius: '4px',
    boxShadow: 'var(--jp-elevation-z4)',
    zIndex: '1000'
  },
  '.cm-tooltip.jp-HpoOffer': { background: 'none', border: 'none', paddingBottom: '3px' },
  '.jp-HpoOffer button': {
    padding: '2px 10px',
    borderRadius: '10px',
    border: `1px solid ${ACCENT}`,
    background: 'var(--jp-layout-color1)',
    color: ACCENT,
    font: '600 var(--jp-ui-font-size0) / 1.5 var(--jp-ui-font-family)',
    boxShadow: 'var(--jp-elevation-z2)',
    cursor: 'pointer'
  },
  '.jp-HpoOffer button:hover': { background: ACCENT, color: 'var(--jp-ui-inverse-font-color1)' },
  '.cm-tooltip .cm-diagnostic': {
    maxWidth: '520px',
    padding: '8px 12px',
    borderLeftWidth: '3px',
    font: 'var(--jp-ui-font-size1) / 1.5 var(--jp-ui-font-family)',
    whiteSpace: 'normal'
  },
  '.cm-tooltip .cm-diagnostic-error': { borderLeftColor: 'var(--jp-error-color1)' },
  '.cm-tooltip .cm-diagnostic-warning': { borderLeftColor: 'var(--jp-warn-color1)' },
  '.cm-tooltip .cm-diagnosticSource': { display: 'none' },
  '.cm-tooltip .cm-diagnosticText': { display: 'block' },
  '.cm-tooltip .cm-diagnosticText code': { fontFamily: 'var(--jp-code-font-family)', fontSize: '0.95em' },
  '.jp-HpoPeek-hint': { marginTop: '4px', color: 'var(--jp-ui-font-color2)' },
  '.cm-tooltip .cm-diagnosticAction': {
    display: 'inline-block',
    margin: '6px 8px 2px 0',
    padding: '2px 10px',
    borderRadius: '3px',
    border: '1px solid var(--jp-border-color1)',
    background: 'var(--jp-layout-color2)',
    color: 'var(--jp-ui-font-color1)',
    font: '600 var(--jp-ui-font-size1) / 1.6 var(--jp-ui-font-family)',
    cursor: 'pointer'
  },
  '.cm-tooltip .cm-diagnosticAction:hover': { background: 'var(--jp-layout-color3)' }
});
