//! Plans to begin from. Every value can be replaced.

use super::plan::PlanError;
use crate::words::nearest;

/// Name and values.
pub type Preset = (&'static str, &'static [(&'static str, &'static str)]);

/// All of them, with what they are.
pub const PRESETS: &[(Preset, &str)] = &[
    (
        (
            "evenings",
            &[
                ("model", "flux1_dev"),
                ("evenings", "3"),
                ("hours", "2.5"),
                ("images", "150"),
                ("images_kept", "20"),
                ("models_gb", "60"),
                ("presence", "there"),
                ("market", "on_demand,serverless"),
                ("hosts", "trusted"),
            ],
        ),
        "FLUX.1 dev, three evenings a week of 2.5 h, 150 images, 20 kept, on hosts one can trust",
    ),
    (
        (
            "overnight",
            &[
                ("model", "sdxl_base"),
                ("steps", "30"),
                ("images", "20000"),
                ("sessions", "1"),
                ("days", "1"),
                ("presence", "asleep"),
                ("by", "08:00"),
                ("from", "22:00"),
                ("market", "on_demand,spot,serverless"),
            ],
        ),
        "20,000 SDXL images at 30 steps in one night, done by 08:00, interruptible allowed, all kept",
    ),
    (
        (
            "lora-weekly",
            &[
                ("work_hours", "6"),
                ("vram_gib", "24"),
                ("evenings", "1"),
                ("looking_minutes", "60"),
                ("checkpoint_minutes", "30"),
                ("models_gb", "34"),
                ("weights_gb", "34"),
                ("images_kept", "20"),
                ("mb_per_image", "20"),
                ("market", "on_demand,serverless"),
            ],
        ),
        "a LoRA a week: 6 h of training on a 24 GB card with a checkpoint every 30 min, then an hour of trying, on demand",
    ),
];

/// The values of a preset.
///
/// # Errors
/// [`PlanError`] with the names there are.
pub fn of(name: &str) -> Result<&'static [(&'static str, &'static str)], PlanError> {
    let folded = name.to_lowercase().replace('_', "-");
    let names = || PRESETS.iter().map(|((name, _), _)| *name);
    PRESETS.iter().find(|((name, _), _)| *name == folded).map(|((_, values), _)| *values).ok_or_else(|| {
        let hint = nearest(&folded, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let all: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        let shown: String = name.chars().take(40).collect();
        PlanError {
            key: "preset".to_owned(),
            message: format!("no preset is called `{}`{hint}; there are {}", crate::words::plain(&shown), all.join(", ")),
        }
    })
}
