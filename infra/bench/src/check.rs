//! Whether the built functions answer their examples, under the runtime API and on the stand-ins.

use std::collections::BTreeMap;

use wire::Fault;

use crate::arguments::Arguments;
use crate::examples;
use crate::ground::{Ground, Running};

/// Starts every function of the template once and hands it its examples.
pub async fn run(arguments: &Arguments) -> Result<(), Fault> {
    let ground = Ground::new(arguments.binaries.clone()).await?;
    let mut running: BTreeMap<String, Running> = BTreeMap::new();
    for function in ground.whole.template.functions() {
        running.insert(function.binary.clone(), ground.start(&function.binary).await?);
    }
    let mut wrong = 0;
    let mut silent: Vec<&String> = running.keys().collect();
    for example in examples::all()? {
        let function = running.get(&example.binary);
        let function = function.ok_or_else(|| Fault::bug(format!("{} is for nobody", example.name)))?;
        silent.retain(|binary| **binary != example.binary);
        let answer = function.invoke(example.event()).await?;
        match example.expected.judge(&answer) {
            Ok(()) => println!("ok     {}", example.name),
            Err(why) => {
                wrong += 1;
                println!("WRONG  {}: {why}\n{}", example.name, function.last_lines());
            }
        }
    }
    if !silent.is_empty() {
        return Err(Fault::bug(format!("there is no example for {silent:?}")));
    }
    if wrong > 0 { Err(Fault::bug(format!("{wrong} answers are wrong"))) } else { Ok(()) }
}
