/** What a pause in typing costs in a cell of 500 lines: `npx vitest bench --dir src/lab`. */
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
const others = { sources: () => [] };
let source = parse(HEAD + BLOCK.repeat(62), parser);
let key = 0;

bench(
  'one letter more in the middle',
  () => {
    const at = source.text.indexOf('\n', source.text.length / (2 + (key % 3))) + 1;
    const text = `${source.text.slice(0, at)}${key % 2 ? 'x' : ' '}${source.text.slice(at)}`;
    key += 1;
    const change = { fromA: at, toA: at, fromB: at, toB: at + 1 };
    source = parse(text, parser, source, [change]);
    checked(source, parser, others);
  },
  { warmupIterations: 200, iterations: 300 }
);
