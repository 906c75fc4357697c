// Returns the texts on the page whose contrast is below WCAG AA: [text, ratio, colour, background].
() => {
  const parse = (value) => {
    const parts = (value.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const blend = (over, under, alpha) => over.map((channel, i) => alpha * channel + (1 - alpha) * under[i]);
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const paper = parse(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor).rgb;
  const faint = [];
  for (const element of document.querySelectorAll("[data-testid=stApp] *:not(svg *):not(style):not(script)")) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join(" ").trim();
    if (!text || !shown(element) || element.closest("[aria-disabled=true], :disabled, [data-testid=stSkipToContent]")) continue;
    // Collect what lies behind the text, from the nearest parent to the page, and paint it from the back.
    const layers = [];
    let opacity = 1;
    let patterned = false;
    const own = element.getBoundingClientRect();
    const [x, y] = [own.left + own.width / 2, own.top + own.height / 2];
    const behind = (box) => box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    for (let parent = element; parent; parent = parent.parentElement) {
      const style = getComputedStyle(parent);
      if (style.backgroundImage !== "none") patterned = true;
      // A slider's value floats above the thumb that is its parent.
      if (behind(parent.getBoundingClientRect())) layers.push(parse(style.backgroundColor));
      opacity *= Number(style.opacity);
    }
    if (patterned) continue;
    const background = layers.reverse().reduce((under, layer) => blend(layer.rgb, under, layer.alpha), paper);
    const style = getComputedStyle(element);
    const ink = parse(style.color);
    const colour = blend(ink.rgb, background, ink.alpha * opacity);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(colour, background);
    // A dot in a legend is a graphic, for which 3 is enough.
    const graphic = !/[\p{L}\p{N}]/u.test(text);
    if (ratio < (large || graphic ? 3 : 4.5)) {
      faint.push([text.slice(0, 40), ratio.toFixed(2), colour.map(Math.round).join(), background.map(Math.round).join()]);
    }
  }
  return faint;
}
