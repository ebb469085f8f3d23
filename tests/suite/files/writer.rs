//! Writes heads of GGUF files byte by byte, right or wrong as a test wants them.

/// A head under construction.
#[derive(Clone, Default)]
pub struct Head {
    pub version: Option<u32>,
    pub entries: Vec<u8>,
    pub entry_count: u64,
    pub tensors: Vec<u8>,
    pub tensor_count: u64,
    pub offset: u64,
}

impl Head {
    /// A model of one block that is sound.
    pub fn sound() -> Self {
        let mut head = Self::default();
        head.text("general.architecture", "llama");
        head.u32("llama.block_count", 1);
        head.u32("llama.embedding_length", 64);
        head.u32("llama.context_length", 4096);
        head.u32("llama.feed_forward_length", 128);
        head.u32("llama.attention.head_count", 4);
        head.u32("llama.attention.head_count_kv", 2);
        for (name, dims) in [
            ("token_embd.weight", vec![64, 100]),
            ("output_norm.weight", vec![64]),
            ("output.weight", vec![64, 100]),
            ("blk.0.attn_norm.weight", vec![64]),
            ("blk.0.attn_q.weight", vec![64, 64]),
            ("blk.0.attn_k.weight", vec![64, 32]),
            ("blk.0.attn_v.weight", vec![64, 32]),
            ("blk.0.attn_output.weight", vec![64, 64]),
            ("blk.0.ffn_norm.weight", vec![64]),
            ("blk.0.ffn_gate.weight", vec![64, 128]),
            ("blk.0.ffn_up.weight", vec![64, 128]),
            ("blk.0.ffn_down.weight", vec![128, 64]),
        ] {
            head.tensor(name, &dims);
        }
        head
    }

    pub fn key(&mut self, key: &str, kind: u32, value: &[u8]) {
        self.entries.extend((key.len() as u64).to_le_bytes());
        self.entries.extend(key.as_bytes());
        self.entries.extend(kind.to_le_bytes());
        self.entries.extend(value);
        self.entry_count += 1;
    }

    pub fn u32(&mut self, key: &str, value: u32) {
        self.key(key, 4, &value.to_le_bytes());
    }

    pub fn text(&mut self, key: &str, value: &str) {
        let mut bytes = (value.len() as u64).to_le_bytes().to_vec();
        bytes.extend(value.as_bytes());
        self.key(key, 8, &bytes);
    }

    /// An array with this many elements announced, and `elements` in it.
    pub fn array(&mut self, key: &str, kind: u32, count: u64, elements: &[u8]) {
        let mut bytes = kind.to_le_bytes().to_vec();
        bytes.extend(count.to_le_bytes());
        bytes.extend(elements);
        self.key(key, 9, &bytes);
    }

    /// A tensor of F16 behind the last.
    pub fn tensor(&mut self, name: &str, dims: &[u64]) {
        let bytes = dims.iter().product::<u64>() * 2;
        self.raw_tensor(name, dims, 1, self.offset);
        self.offset += bytes.next_multiple_of(32);
    }

    pub fn raw_tensor(&mut self, name: &str, dims: &[u64], format: u32, offset: u64) {
        self.tensors.extend((name.len() as u64).to_le_bytes());
        self.tensors.extend(name.as_bytes());
        self.tensors.extend((dims.len() as u32).to_le_bytes());
        for axis in dims {
            self.tensors.extend(axis.to_le_bytes());
        }
        self.tensors.extend(format.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.tensor_count += 1;
    }

    /// The head's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(self.version.unwrap_or(3).to_le_bytes());
        bytes.extend(self.tensor_count.to_le_bytes());
        bytes.extend(self.entry_count.to_le_bytes());
        bytes.extend(&self.entries);
        bytes.extend(&self.tensors);
        bytes
    }

    /// How long the whole file is, data included.
    pub fn length(&self) -> u64 {
        (self.bytes().len() as u64).next_multiple_of(32) + self.offset
    }
}
