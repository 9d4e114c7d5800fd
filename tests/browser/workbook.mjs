// Writes an XLSX workbook with the parts that an import reads: a ZIP archive without compression.

const CRC = Uint32Array.from({ length: 256 }, (_, start) => {
  let sum = start;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});
const crc = (octets) => (octets.reduce((sum, octet) => CRC[(sum ^ octet) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;

/** A ZIP archive of files that are not compressed. */
function archive(files) {
  const [parts, central] = [[], []];
  let offset = 0;
  for (const [name, text] of files) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt32LE(crc(data), 10);
    about.writeUInt32LE(data.length, 14);
    about.writeUInt32LE(data.length, 18);
    about.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    parts.push(Buffer.from('PK\x03\x04'), about, path, data);
    central.push(Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), about, place, path);
    offset += 4 + about.length + path.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06'), end]);
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const TYPES = 'http://schemas.openxmlformats.org/package/2006/content-types';
const LINKS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';

/** A workbook of sheets by name, each a table of texts. */
export function workbook(sheets) {
  const names = Object.keys(sheets);
  const cell = (text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const table = (rows) => rows.map((row, place) => `<row r="${place + 1}">${row.map(cell).join('')}</row>`).join('');
  const list = names.map((name, place) => `<sheet name="${name}" sheetId="${place + 1}" r:id="r${place + 1}"/>`).join('');
  const links = names.map((_, place) => `<Relationship Id="r${place + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${place + 1}.xml"/>`).join('');
  return archive([
    ['[Content_Types].xml', `${HEAD}<Types xmlns="${TYPES}"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>`],
    ['_rels/.rels', `${HEAD}<Relationships xmlns="${LINKS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list}</sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `${HEAD}<Relationships xmlns="${LINKS}">${links}</Relationships>`],
    ...Object.values(sheets).map((rows, place) => [`xl/worksheets/sheet${place + 1}.xml`, `${HEAD}<worksheet xmlns="${MAIN}"><sheetData>${table(rows)}</sheetData></worksheet>`]),
  ]);
}
