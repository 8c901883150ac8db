package author

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// extensions are endings by which a name is known for that of a file. It is a list, not a guess: most words with a dot are something else.
var extensions = set(`7z accdb ace apk appex apx ashx asmx asp aspx aj5 ax bat bin bmp cab cer cfg cgi chm class cmd config conf cpl crt crx css csv
	ctl cur dat data db dex diagcab dll dmg dmp doc docb docm docx dot dotm drv dylib elf eml enc exe eps flv gif gz hta htm html hwp hwpx ico img inf ini
	ins iqy iso jar jpeg jpg js jse json jsp jspx jtd key ko ldb lib lnk log lua lzh m3u map mdb mht mhtml mov mp3 mp4 msc msg msi msp mst mui node nim
	ocx odp ods odt one pak pcap pdb pdf pem pfx php phtml pif pkg pl plist pnf png pol potm pps ppsx ppt pptm pptx prg ps1 psd1 psm1 pub py pyc pyd
	pyw rar raw rb reg res rom rpm rtf sct scr sdb sed settingcontent-ms sh shtml slk so sql sqlite svg swf sxw sys tar tgz theme tif tmp ttf txt url vb
	vba vbe vbs vhd vhdx wav wbk wim wll wmf woff ws wsc wsf wsh xbap xhtml xla xlam xll xls xlsb xlsm xlsx xlt xltm xml xpi xps xsl xxe xz yar yml zip
	scpt command war ear deb appimage ipa aab xap so1 rsrc lpk ocxx ps1xml cdxml gadget jnlp inx shb shs job vmdk ova mam ppam bak old part zst bz2 lz
	zipx cpgz ics vcf oft ost pst ntuser lor rmb cgr`)

func set(words string) map[string]bool {
	s := map[string]bool{}
	for _, w := range strings.Fields(words) {
		s[w] = true
	}
	return s
}

const (
	maxFileName = 200 // bytes
	maxPath     = 1024
)

// nameOfFile says whether a text is the name of a file: no separators, and an ending that is known.
func nameOfFile(name []byte) bool {
	dot := bytes.LastIndexByte(name, '.')
	if dot <= 0 || len(name) > maxFileName || len(name)-dot > 20 || bytes.ContainsAny(name, "/\\:*?\"<>|") || bytes.ContainsFunc(name, unprintable) {
		return false
	}
	return extensions[strings.ToLower(string(name[dot+1:]))]
}

// cells reads what is set off by backticks, quotes or the columns of a table: there the name of a file may hold blanks, and so may a path.
func (f *finder) cells() {
	text := f.v.text
	for i := 0; i < len(text); {
		end := bytes.IndexByte(text[i:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += i
		}
		f.quoted(i, end)
		f.row(i, end)
		i = end + 1
	}
}

// closers are what ends what they begin.
var closers = map[byte]byte{'`': '`', '"': '"'}

// quoted reads what stands between quotes in a line.
func (f *finder) quoted(from, to int) {
	text := f.v.text
	for i := from; i < to; i++ {
		if open := f.japaneseQuote(i); open > 0 {
			if n := bytes.Index(text[i+open:min(to, i+open+maxFileName)], closing(text[i:i+open])); n > 0 {
				f.cell(i+open, i+open+n)
				i += open + n
			}
			continue
		}
		c := closers[text[i]]
		if c == 0 {
			continue
		}
		n := bytes.IndexByte(text[i+1:to], c)
		if n < 0 {
			continue
		}
		f.cell(i+1, i+1+n)
		i += n + 1
	}
}

// japaneseQuote is the length of an opening quote at i, 0 if there is none.
func (f *finder) japaneseQuote(i int) int {
	if f.v.text[i] < utf8.RuneSelf {
		return 0
	}
	for _, q := range [...]string{"「", "『", "“", "‘"} {
		if bytes.HasPrefix(f.v.text[i:], []byte(q)) {
			return len(q)
		}
	}
	return 0
}

func closing(open []byte) []byte {
	switch string(open) {
	case "「":
		return []byte("」")
	case "『":
		return []byte("』")
	case "“":
		return []byte("”")
	}
	return []byte("’")
}

// column is what the head of a table says of one.
type column uint8

const (
	anything column = iota
	ofNames         // names of files
	ofOthers        // digests of what is no malware, or no file
)

func columnOf(head []byte) column {
	for _, w := range [...]string{"filename", "file name", "ファイル名"} {
		if bytes.HasPrefix(head, []byte(w)) {
			return ofNames
		}
	}
	if notMalware(head) {
		return ofOthers
	}
	return anything
}

// row reads a line of a table, and remembers what its heads say of the columns below.
func (f *finder) row(from, to int) {
	line := bytes.TrimSpace(f.v.text[from:to])
	if len(line) == 0 || line[0] != '|' {
		f.columns = nil
		return
	}
	start := from + bytes.IndexByte(f.v.text[from:to], '|') + 1
	for i := 0; start <= to && i < maxColumns; i++ {
		n := bytes.IndexByte(f.v.text[start:to], '|')
		if n < 0 {
			n = to - start
		}
		lo, hi := f.trim(start, start+n)
		if c := columnOf(bytes.ToLower(f.v.text[lo:min(hi, lo+maxFileName)])); c != anything {
			if f.columns == nil {
				f.columns = map[int]column{}
			}
			f.columns[i] = c
		} else if f.columns[i] == ofNames {
			f.cell(lo, hi)
		} else if f.columns[i] == ofOthers {
			f.others = append(f.others, span{lo, hi})
		}
		start += n + 1
	}
}

const maxColumns = 50

// trim leaves out blanks and marks of emphasis at both ends.
func (f *finder) trim(from, to int) (int, int) {
	for from < to && strings.IndexByte(" \t\r`*+", f.v.text[from]) >= 0 {
		from++
	}
	for to > from && strings.IndexByte(" \t\r`*+", f.v.text[to-1]) >= 0 {
		to--
	}
	return from, to
}

// cell reads what is set off, all of it.
func (f *finder) cell(from, to int) {
	from, to = f.trim(from, to)
	if from >= to || !f.free(from, to) {
		return
	}
	whole := f.v.text[from:to]
	switch {
	case nameOfFile(whole) && bytes.IndexByte(whole, '@') < 0:
		if _, host := toHost(string(whole), bare); host || f.fangedDot(from, to) {
			return
		}
		f.fileName(from, to)
	case len(whole) <= maxPath && f.root(from) > from && f.root(from) < to && !bytes.ContainsAny(whole, "\"|*?=,;") && !bytes.ContainsFunc(whole, unprintable):
		f.path(from, to)
	}
}

func (f *finder) fileName(from, to int) {
	f.add(FileName, string(f.v.text[from:to]), from, to)
	f.take(from, to)
}

// fileNames finds names without blanks in running text.
func (f *finder) fileNames() {
	for i := 0; i < len(f.v.text); {
		end, dots, _ := f.run(i, "-_~$&!{}")
		if dots > 0 {
			f.named(i, end)
		}
		i = max(end, i+1)
	}
}

// named reads a run that may be the name of a file, with a script without spaces around it.
func (f *finder) named(from, to int) {
	text := f.v.text
	for i := from; i < to; {
		start := f.pass(i, to, true)
		stop := f.pass(start, to, false)
		i = stop
		for start < stop && strings.IndexByte("-.!}&", text[start]) >= 0 {
			start++
		}
		for stop > start && !isAlnum(text[stop-1]) {
			stop--
		}
		if start == stop || stop-start > maxFileName {
			continue
		}
		if before := f.v.at(start - 1); before != 0 && strings.IndexByte(`/\%?=@`, before) >= 0 {
			continue
		}
		stop = f.stem(start, stop)
		if after := f.v.at(stop); stop == 0 || after == '(' || after == '_' {
			continue
		}
		f.fileName(start, stop)
	}
}

// stem finds where a name ends that may have more behind it, as cmd.exe-based has; 0 if it has no ending of a file.
func (f *finder) stem(from, to int) int {
	if nameOfFile(f.v.text[from:to]) {
		return to
	}
	dot := lastDot(f.v.text, from, to)
	end := dot + 1
	for end < to && isAlnum(f.v.text[end]) {
		end++
	}
	if dot > from && end < to && f.v.text[end] == '-' && nameOfFile(f.v.text[from:end]) {
		return end
	}
	return 0
}
