// The ways in which somebody who uses sharp would make several sizes of one image. Each takes the
// file's bytes and the variants, from large to small, and gives the encoded variants in that order.

import sharp from 'sharp';

const inside = { fit: 'inside', withoutEnlargement: true };

function encoder(pipeline, variant) {
    return variant.format === 'png'
        ? pipeline.png({ compressionLevel: 6 })
        : pipeline.jpeg({ quality: variant.quality });
}

function upright(bytes) {
    return sharp(bytes).autoOrient();
}

function fromRaw({ data, info }) {
    return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

function raw(pipeline) {
    return pipeline.raw().toBuffer({ resolveWithObject: true });
}

// One pipeline a size, each from the file's bytes: what the documentation shows.
async function each(bytes, variants) {
    const made = [];
    for (const variant of variants) {
        const pipeline = upright(bytes).resize(variant.edge, variant.edge, inside);
        made.push(await encoder(pipeline, variant).toBuffer());
    }
    return made;
}

// Decodes in full, and makes every size from that.
async function onceFull(bytes, variants) {
    const decoded = await raw(upright(bytes));
    const made = [];
    for (const variant of variants) {
        const pipeline = fromRaw(decoded).resize(variant.edge, variant.edge, inside);
        made.push(await encoder(pipeline, variant).toBuffer());
    }
    return made;
}

// Decodes for the largest, so that libvips shrinks on load, and makes the others from the largest.
async function onceLargest(bytes, variants) {
    const [{ edge }] = variants;
    const largest = await raw(upright(bytes).resize(edge, edge, inside));
    const made = [];
    for (const variant of variants) {
        const pipeline = fromRaw(largest).resize(variant.edge, variant.edge, inside);
        made.push(await encoder(pipeline, variant).toBuffer());
    }
    return made;
}

// As before, and each size from the next larger one.
async function onceCascade(bytes, variants) {
    const made = [];
    let larger = null;
    for (const variant of variants) {
        const source = larger ? fromRaw(larger) : upright(bytes);
        larger = await raw(source.resize(variant.edge, variant.edge, inside));
        made.push(await encoder(fromRaw(larger), variant).toBuffer());
    }
    return made;
}

export const strategies = {
    each,
    'once-full': onceFull,
    'once-largest': onceLargest,
    'once-cascade': onceCascade,
};
