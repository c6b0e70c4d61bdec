/**
 * What a pause in typing costs in a cell of 500 lines: `npx vitest bench --run --dir src/lab`.
 * Milliseconds of the processor: what else the machine does counts little.
 */
import { parser } from '@lezer/python';
import { bench } from 'vitest';
import { checked } from './check';
import { parse } from './python';

const HEAD = `%%tune study --minimize val_loss -n 40 -o 'bayes(kappa=2)'
lr: Float(1e-5, 1e-1, log=True) = 1e-3
width: Int(16, 512, log=True) = 64
activation: Categorical("relu", "tanh", "gelu") = "relu"
if activation == "relu":
    leak: Float(0.0, 0.3) = 0.0
`;
const BLOCK = `
def train_one(model, batch, lr=lr, width=width, *args, **kwargs):
    for i, (x, y) in enumerate(batch):
        loss = torch.nn.functional.cross_entropy(model(x.to(device)), y)
        if i % 100 == 0:
            print(f"step {i}: {loss.item():.3f}", [k for k in history if k > leak])
    return {"loss": loss, "x": x[1:3], "act": activation}
val_loss = train_one(model, loader)
`;
declare const process: { cpuUsage(): { user: number; system: number } };

const others = { sources: () => [] };
const WRITTEN = 'history.append((step, float(loss), [x[i] for i in "ab"]))\n'; // letter by letter
const whole = HEAD + BLOCK.repeat(62);
const middle = whole.indexOf('val_loss', whole.length / 2);
let source = parse(whole, parser);
let letters = 0;

/** Milliseconds that this process has had of the processor. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};

bench(
  'a letter more of a line in the middle',
  () => {
    const kept = letters % WRITTEN.length; // when the line is there it is begun anew
    const [at, toA, toB] = [middle + kept, middle + letters, middle + kept + 1];
    letters = kept + 1;
    const text = whole.slice(0, middle) + WRITTEN.slice(0, letters) + whole.slice(middle);
    const change = { fromA: at, toA, fromB: at, toB };
    source = parse(text, parser, source, [change]);
    checked(source, parser, others);
  },
  { warmupIterations: 200, iterations: 300, now: cpu }
);
