//! Stands for NVIDIA's management library (NVML) in tests: `rustc --crate-type cdylib --cfg BEHAVIOUR`.
//!
//! Numbers are those of `nvml.h`. What is not defined here the program finds missing, as in an old library.

use std::ffi::c_void;

const SUCCESS: u32 = 0;
#[cfg(mismatch)]
const LIB_RM_VERSION_MISMATCH: u32 = 18;
#[cfg(broken)]
const UNKNOWN: u32 = 999;
#[cfg(lost)]
const GPU_IS_LOST: u32 = 15;

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInit_v2() -> u32 {
    #[cfg(mismatch)]
    return LIB_RM_VERSION_MISMATCH;
    #[cfg(broken)]
    return UNKNOWN;
    #[cfg(hanging)]
    loop {
        std::thread::park();
    }
    #[cfg(not(any(mismatch, broken, hanging)))]
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlShutdown() -> u32 {
    SUCCESS
}

/// Two cards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCount_v2(count: *mut u32) -> u32 {
    unsafe { *count = 2 };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: u32, device: *mut *mut c_void) -> u32 {
    #[cfg(lost)]
    if index == 1 {
        return GPU_IS_LOST;
    }
    unsafe { *device = (index as usize + 1) as *mut c_void };
    SUCCESS
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetName(_device: *mut c_void, name: *mut u8, length: u32) -> u32 {
    let text = b"NVIDIA GeForce RTX 4090\0";
    assert!(length as usize >= text.len());
    unsafe { std::ptr::copy_nonoverlapping(text.as_ptr(), name, text.len()) };
    SUCCESS
}
