// Bundles the view into one ES module without anything from elsewhere: anywidget loads it from the
// Python package, the renderer of saved studies from lib/. `--watch` rebuilds on change.
import { copyFile, mkdir } from 'node:fs/promises';
import { argv } from 'node:process';
import * as esbuild from 'esbuild';

const BUILT = 'lib/view.js';
const SHIPPED = '../jupyter_hpo/view/assets';

const options = {
  entryPoints: ['src/view/index.ts'],
  outfile: BUILT,
  bundle: true,
  format: 'esm',
  minify: true,
  target: 'es2021',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.css': 'text' },
  logLevel: 'warning',
  plugins: [
    {
      name: 'ship',
      setup(build) {
        build.onEnd(async result => {
          if (result.errors.length === 0) {
            await mkdir(SHIPPED, { recursive: true });
            await copyFile(BUILT, `${SHIPPED}/view.js`);
          }
        });
      }
    }
  ]
};

if (argv.includes('--demo')) {
  const demo = { entryPoints: ['src/demo/demo.ts'], outfile: 'lib/demo.js', format: 'iife', plugins: [] };
  await esbuild.build({ ...options, ...demo });
}
if (argv.includes('--watch')) {
  await (await esbuild.context(options)).watch();
} else {
  await esbuild.build(options);
}
