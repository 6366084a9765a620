//! Changes an answer as a provider would: a value is another, a field is gone, a row comes twice. Bytes alone would
//! mostly give what is no JSON; every other change is libFuzzer's own all the same.

use serde_json::Value;

use crate::adapter::BETWEEN;

/// Values that are where nobody expects them.
const ODD: [&str; 18] = [
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "0.5",
    "1e-9",
    "1e400",
    "9223372036854775807",
    "18446744073709551616",
    "4294967296",
    "\"\"",
    "\"0\"",
    "\"-1\"",
    "\"x\\u001b\"",
    "[]",
    "{}",
];

struct Dice(u64);

impl Dice {
    /// Below `below`; 0 where that is 0.
    fn throw(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % below.max(1)
    }
}

/// A custom mutator as libFuzzer calls it: changes `data[..size]` in place, and gives the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut dice = Dice(u64::from(seed) << 1 | 1);
    dice.throw(1);
    if dice.throw(2) == 0 {
        if let Some(changed) = changed(&data[..size], &mut dice) {
            if changed.len() <= max_size {
                data[..changed.len()].copy_from_slice(&changed);
                return changed.len();
            }
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}

/// One JSON body of the answers, changed in one place; none where the body is no JSON.
fn changed(data: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let start = data.iter().position(|byte| *byte == b'\n')? + 1;
    let mut bodies: Vec<Vec<u8>> = vec![Vec::new()];
    let mut rest = &data[start..];
    while let Some((first, after)) = rest.split_first() {
        if rest.starts_with(BETWEEN) {
            bodies.push(Vec::new());
            rest = &rest[BETWEEN.len()..];
            continue;
        }
        bodies.last_mut()?.push(*first);
        rest = after;
    }
    let chosen = dice.throw(bodies.len());
    let body = &mut bodies[chosen];
    let mut value: Value = serde_json::from_slice(body).ok()?;
    let mut place = dice.throw(nodes(&value));
    change(&mut value, &mut place, dice);
    *body = serde_json::to_vec(&value).ok()?;
    let mut whole = data[..start].to_vec();
    whole.extend(bodies.join(BETWEEN));
    Some(whole)
}

fn nodes(value: &Value) -> usize {
    1 + match value {
        Value::Array(rows) => rows.iter().map(nodes).sum(),
        Value::Object(fields) => fields.values().map(nodes).sum(),
        _ => 0,
    }
}

/// Changes the node that is `place` steps away, in the order of reading.
fn change(value: &mut Value, place: &mut usize, dice: &mut Dice) -> bool {
    if *place == 0 {
        change_here(value, dice);
        return true;
    }
    *place -= 1;
    match value {
        Value::Array(rows) => rows.iter_mut().any(|row| change(row, place, dice)),
        Value::Object(fields) => fields.values_mut().any(|field| change(field, place, dice)),
        _ => false,
    }
}

fn change_here(value: &mut Value, dice: &mut Dice) {
    let odd = |dice: &mut Dice| serde_json::from_str(ODD[dice.throw(ODD.len())]).unwrap_or(Value::Null);
    match (dice.throw(4), &mut *value) {
        (0, Value::Array(rows)) if !rows.is_empty() => {
            let row = rows[dice.throw(rows.len())].clone();
            rows.push(row);
        }
        (1, Value::Array(rows)) if !rows.is_empty() => drop(rows.remove(dice.throw(rows.len()))),
        (0 | 1, Value::Object(fields)) => {
            let name = fields.keys().nth(dice.throw(fields.len())).cloned();
            if let Some(name) = name {
                fields.remove(&name);
            }
        }
        (2, Value::Object(fields)) => {
            let (from, to) = (dice.throw(fields.len()), dice.throw(fields.len()));
            let names: Vec<String> = fields.keys().cloned().collect();
            if let (Some(from), Some(to)) = (names.get(from), names.get(to)) {
                let taken = fields[from].clone();
                fields.insert(to.clone(), taken);
            }
        }
        (0, Value::String(text)) => text.push_str(&text.clone()),
        (1, Value::String(text)) => drop(text.pop()),
        _ => *value = odd(dice),
    }
}
