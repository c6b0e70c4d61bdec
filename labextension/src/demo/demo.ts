/**
 * The view over a made-up study, without a kernel: open demo/index.html after
 * `npm run build:view -- --demo`. The query says which: trials, state, seed, saved, hostile, push,
 * model.
 */
import { mount } from '../view/mount';
import { mountKept } from '../view/index';
import { DemoStudy, type Wish } from './study';

const query = new URLSearchParams(location.search);
const wish: Wish = {
  trials: Number(query.get('trials') ?? 23),
  seed: Number(query.get('seed') ?? 1),
  hostile: query.has('hostile'),
  model: query.has('model'),
  state: (query.get('state') ?? 'running') as NonNullable<Wish['state']>
};
if (query.has('total')) {
  wish.total = Number(query.get('total'));
}
const study = new DemoStudy(wish);
const place = document.getElementById('view')!;
if (query.has('dark')) {
  document.body.classList.add('dark');
}
Object.assign(window, {
  demo: study,
  unmount: query.has('saved') ? mountKept(place, study.saved()).unmount : mount(place, study)
});
if (query.has('push')) {
  setInterval(() => study.push(Number(query.get('push'))), 250);
}
