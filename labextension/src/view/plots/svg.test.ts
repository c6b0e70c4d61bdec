import { describe, expect, it } from 'vitest';
import { fileName } from './export';
import { plainColour, SvgPen } from './svg';

const pen = (): SvgPen => new SvgPen(text => ({ width: text.length * 6 }) as TextMetrics);

describe('the writer of SVG', () => {
  it('writes paths where they are, moved and styled', () => {
    const it = pen();
    it.save();
    it.translate(10, 20);
    it.strokeStyle = 'rgb(1, 2, 3)';
    it.globalAlpha = 0.5;
    it.setLineDash([5, 4]);
    it.beginPath();
    it.moveTo(0, 0);
    it.lineTo(1.234, 5);
    it.stroke();
    it.restore();
    const svg = it.svg(100, 50);
    expect(svg).toContain('viewBox="0 0 100 50"');
    expect(svg).toContain('d="M10 20L11.23 25"');
    expect(svg).toContain('stroke="rgb(1, 2, 3)" opacity="0.5"');
    expect(svg).toContain('stroke-dasharray="5 4"');
  });

  it('forgets at the end of a section what was set in it', () => {
    const it = pen();
    it.fillStyle = 'rgb(9, 9, 9)';
    it.save();
    it.fillStyle = 'rgb(1, 1, 1)';
    it.translate(5, 5);
    it.restore();
    it.fillRect(0, 0, 2, 2);
    expect(it.svg(9, 9)).toContain('<path d="M0 0h2v2h-2z" fill="rgb(9, 9, 9)"/>');
  });

  it('closes as many groups as its clips opened', () => {
    const it = pen();
    it.save();
    for (let i = 0; i < 2; i += 1) {
      it.beginPath();
      it.rect(0, 0, 9, 9);
      it.clip();
    }
    it.fillRect(1, 1, 1, 1);
    it.restore();
    const svg = it.svg(9, 9);
    expect(svg.match(/<g /g)).toHaveLength(2);
    expect(svg.match(/<\/g>/g)).toHaveLength(2);
    expect(svg.indexOf('M1 1')).toBeLessThan(svg.indexOf('</g>'));
  });

  it('puts squares of one colour into one path', () => {
    const it = pen();
    for (let i = 0; i < 100; i += 1) {
      it.fillRect(i, i, 1, 1);
    }
    expect(it.svg(9, 9).match(/<path/g)).toHaveLength(1);
  });

  it('draws whole circles', () => {
    const it = pen();
    it.beginPath();
    it.arc(5, 5, 2, 0, 2 * Math.PI);
    it.fill();
    expect(it.svg(9, 9)).toContain('M7 5A2 2 0 0 1 3 5A2 2 0 0 1 7 5');
  });

  it('lets no text become a tag, nor a control character in', () => {
    const it = pen();
    it.font = '600 12px "A", b';
    it.textAlign = 'right';
    it.fillText('<img onerror="x">&\u0001', 1, 2);
    const svg = it.svg(9, 9);
    expect(svg).toContain('&lt;img onerror=&quot;x&quot;&gt;&amp;</text>');
    expect(svg).toContain('font-weight="600"');
    expect(svg).toContain('font-family="&quot;A&quot;, b"');
    expect(svg).toContain('text-anchor="end"');
  });

  it('knows the notations of colours that browsers answer with', () => {
    expect(plainColour('color(srgb 1 0.5 0)')).toEqual({ rgb: 'rgb(255, 128, 0)', alpha: 1 });
    expect(plainColour('color(srgb 1 0.5 0 / 0.25)').alpha).toBe(0.25);
    expect(plainColour('rgba(128, 128, 128, 0.3)')).toEqual({
      rgb: 'rgb(128, 128, 128)',
      alpha: 0.3
    });
    expect(plainColour('transparent')).toEqual({ rgb: 'transparent', alpha: 1 });
  });
});

describe('names of files', () => {
  it('have nothing that a system takes amiss', () => {
    expect(fileName('study_history.png')).toBe('study_history.png');
    expect(fileName('../a/b:c?.png')).toBe('a-b-c-.png');
    expect(fileName('Größe 2_slice.svg')).toBe('Größe 2_slice.svg');
    expect(fileName('<>')).toBe('plot');
  });
});
